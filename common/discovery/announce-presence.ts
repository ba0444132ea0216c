import type { Broker } from "../messaging/broker.ts";
import type { StreamHeads } from "../messaging/stream-heads.ts";
import type { Logger } from "../observability/logger.ts";
import { maxLoad, type Presence, presenceTopic } from "./presence.ts";

export type Announcement = {
  /** Takes the instance out of everybody's list, within half a second whether the broker answers or not. */
  leave(): Promise<void>;
};

export type InstanceState = {
  /** Requests under way; undefined while the instance is not ready, which makes it the last to be asked. */
  load: number | undefined;
  /** Where the streams end that the service produces, if that is known. */
  heads?: StreamHeads | undefined;
};

type Options = {
  broker: Broker;
  logger: Logger;
  presence: Pick<Presence, "service" | "instance" | "url" | "version">;
  state: () => Promise<InstanceState>;
  everyMs?: number;
};

const leaveTimeoutMs = 500;
/** Announcements that may be lost before readers forget the instance. */
const missable = 3;

/** Says that this instance is there: now, every two seconds, and on every connect, since a broker may have forgotten all. */
export function announcePresence({ broker, logger, presence, state, everyMs = 2_000 }: Options): Announcement {
  const topic = presenceTopic(presence.service, presence.instance);
  const startedAt = new Date().toISOString();
  const ttlMs = everyMs * missable;
  let hasLeft = false;

  async function announce(): Promise<void> {
    if (!broker.isConnected()) return;
    const { load = maxLoad, heads } = await state();
    if (hasLeft) return;
    const said: Presence = { ...presence, startedAt, ttlMs, load: Math.min(load, maxLoad), heads };
    const expiryS = Math.ceil(ttlMs / 1_000);
    await broker.publish(topic, JSON.stringify(said), { contentType: "application/json", retain: true, expiryS });
  }

  const tell = () => void announce().catch((error) => logger.debug({ err: error }, "presence was not announced"));
  const timer = setInterval(tell, everyMs);
  timer.unref();
  const forget = broker.onConnect(tell);
  tell();

  return {
    async leave() {
      if (hasLeft) return;
      hasLeft = true;
      clearInterval(timer);
      forget();
      const cleared = broker.publish(topic, "", { retain: true }).catch(() => undefined);
      await Promise.race([cleared, Bun.sleep(leaveTimeoutMs)]);
    },
  };
}
