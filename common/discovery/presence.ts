import { z } from "zod";
import { maxAnnouncedHeads } from "../messaging/stream-heads.ts";

const root = "orderflow/v1/presence";
const maxPayloadBytes = 2_048;
const linkLocal = /^(?:169\.254\.|\[fe[89ab])/i;

/** The highest load an instance can announce: it is asked last. */
export const maxLoad = 1_000_000;

const Name = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

/** A base URL and nothing else: no credentials, path or query. Link-local addresses hold the metadata of cloud machines. */
const InstanceUrl = z
  .url({ protocol: /^https?$/ })
  .max(200)
  .transform((text) => new URL(text))
  .refine((url) => url.username === "" && url.password === "" && url.search === "" && url.hash === "")
  .refine((url) => url.pathname === "/" && !linkLocal.test(url.hostname))
  .transform((url) => url.origin);

const HeadsJson = z
  .record(Name, z.object({ position: z.int().min(0), id: z.uuid().nullable(), logId: z.uuid() }))
  .refine((heads) => Object.keys(heads).length <= maxAnnouncedHeads);

const PresenceJson = z.object({
  service: Name,
  instance: Name,
  url: InstanceUrl,
  version: z.string().max(64),
  startedAt: z.iso.datetime(),
  load: z.number().min(0).max(maxLoad),
  ttlMs: z.int().min(500).max(60_000),
  heads: HeadsJson.optional(),
});

/**
 * What an instance says of itself. `load` counts the requests it is answering; readers forget it after `ttlMs`. `heads`
 * says where the streams end that its service produces, when its database answers.
 */
export type Presence = z.output<typeof PresenceJson>;

export function presenceTopic(service: string, instance: string): string {
  return `${root}/${service}/${instance}`;
}

/** Takes in every instance of a service. */
export function presenceFilter(service: string): string {
  return `${root}/${service}/+`;
}

/** The last level of a presence topic. */
export function instanceOf(topic: string): string {
  return topic.slice(topic.lastIndexOf("/") + 1);
}

/** Undefined when it is no presence, or speaks of another service or instance than its topic, which is what the broker guards. */
export function readPresence(topic: string, payload: Uint8Array): Presence | undefined {
  if (payload.byteLength > maxPayloadBytes) return undefined;
  const parsed = PresenceJson.safeParse(parseJson(payload));
  if (!parsed.success) return undefined;
  const { service, instance } = parsed.data;
  return presenceTopic(service, instance) === topic ? parsed.data : undefined;
}

function parseJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}
