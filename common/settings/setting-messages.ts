import { z } from "zod";
import { SettingService } from "./setting-catalog.ts";

const root = "orderflow/v1/settings";
const maxPayloadBytes = 16_384;

/** What the gateway keeps at the broker for a service: what is set now. Version 0 is before anything was set. */
const SettingsMessage = z.object({
  service: SettingService,
  version: z.int().min(0),
  values: z.record(z.string(), z.unknown()),
});
export type SettingsMessage = z.output<typeof SettingsMessage>;

/** What an instance says of itself: the version it runs, and the last it has heard of, which it may have refused. */
const AppliedMessage = z.object({
  service: SettingService,
  instance: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  version: z.int().min(0),
  heard: z.int().min(0),
  problem: z.string().max(500).optional(),
  ttlMs: z.int().min(500).max(60_000),
});
export type AppliedMessage = z.output<typeof AppliedMessage>;

export function settingsTopic(service: SettingService): string {
  return `${root}/${service}`;
}

export function appliedTopic(service: SettingService, instance: string): string {
  return `${root}/${service}/applied/${instance}`;
}

/** Takes in every instance of every service. */
export const appliedFilter = `${root}/+/applied/+`;

/** Undefined when it is none, or is not about this service. */
export function readSettingsMessage(service: SettingService, payload: Uint8Array): SettingsMessage | undefined {
  const message = read(SettingsMessage, payload);
  return message?.service === service ? message : undefined;
}

/** Undefined when it is none, or speaks of another instance than its topic, which is what the broker guards. */
export function readAppliedMessage(topic: string, payload: Uint8Array): AppliedMessage | undefined {
  const message = read(AppliedMessage, payload);
  return message && appliedTopic(message.service, message.instance) === topic ? message : undefined;
}

function read<Schema extends z.ZodType>(schema: Schema, payload: Uint8Array): z.output<Schema> | undefined {
  if (payload.byteLength > maxPayloadBytes) return undefined;
  try {
    return schema.safeParse(JSON.parse(new TextDecoder().decode(payload))).data;
  } catch {
    return undefined;
  }
}
