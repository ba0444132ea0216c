import type { AnyElysia } from "elysia";
import { advertisedUrl } from "../discovery/advertised-url.ts";
import { type Announcement, announcePresence, type InstanceState } from "../discovery/announce-presence.ts";
import type { Broker } from "../messaging/broker.ts";
import type { StreamHeads } from "../messaging/stream-heads.ts";
import type { Logger } from "../observability/logger.ts";
import { type Checks, checkReadiness } from "./check-readiness.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { type OpenDoor, openApp } from "./open-app.ts";

export type ServiceIdentity = {
  service: string;
  instance: string;
  host: string;
  port: number;
  version?: string;
  discovery?: "mqtt" | "static";
  /** How others reach this instance; from host and port unless something stands in between. */
  advertisedUrl?: string | undefined;
  /** How long calls are still taken after this instance has said that it leaves. */
  leaveMs?: number;
  /** See OpenAppOptions. */
  idleTimeoutS?: number;
};

type Options = {
  config: ServiceIdentity;
  logger: Logger;
  checks: Checks;
  broker?: Broker;
  /** Where the streams end that this service produces: told to who follows them. */
  heads?: (() => Promise<StreamHeads>) | undefined;
};

/** Listens and says so to those who look for this service. Closing it says goodbye first. */
export async function openAnnounced(
  app: AnyElysia,
  { config, logger, checks, broker, heads }: Options,
): Promise<OpenDoor> {
  const { service, instance, version = "dev", discovery = "mqtt", leaveMs = 0 } = config;
  let announcement: Announcement | undefined;
  const leave = async () => announcement?.leave();
  const door = await openApp(app, { ...config, announceMs: leaveMs, leave });
  const state = async (): Promise<InstanceState> => {
    const { status } = await checkReadiness(checks, lifecycleOf(app).stopping.aborted);
    if (status !== "ready") return { load: undefined };
    return { load: app.server?.pendingRequests, heads: await heads?.().catch(() => undefined) };
  };
  if (broker && discovery === "mqtt") {
    const url = config.advertisedUrl ?? advertisedUrl(config.host, door.port);
    announcement = announcePresence({ broker, logger, presence: { service, instance, url, version }, state });
  }
  logger.info({ url: door.url }, "listening");
  return door;
}
