import type { Broker } from "../messaging/broker.ts";
import type { Logger } from "../observability/logger.ts";
import { createHeardHeads, type HeardHeads } from "./heard-heads.ts";
import { instanceOf, type Presence, presenceFilter, readPresence } from "./presence.ts";

/** The instances of one service that have announced themselves and not gone since. */
export type Directory = {
  /** By instance name. Each object stays the same for as long as its process lives. */
  live(): Known[];
  /** Of the streams that the service produces. */
  heads: HeardHeads;
  close(): void;
};

export type Known = { instance: string; url: string; startedAt: string; load: number; forgetAtMs: number };

type Options = { service: string; broker: Pick<Broker, "subscribe">; logger: Logger; nowMs?: () => number };

const maxInstances = 64;

/** Listens to a service's presence. Times out by its own clock: no message tells that an announcement has expired. */
export function createDirectory({ service, broker, logger, nowMs = () => performance.now() }: Options): Directory {
  const known = new Map<string, Known>();
  const heads = createHeardHeads(nowMs);

  function hear(payload: Uint8Array, topic: string): void {
    const instance = instanceOf(topic);
    if (payload.byteLength === 0) {
      if (known.delete(instance)) logger.info({ peer: instance }, "an instance has gone");
      heads.forget();
      return;
    }
    const presence = readPresence(topic, payload);
    if (!presence) {
      logger.warn({ topic }, "a presence that cannot be believed");
      return;
    }
    forgetLate();
    remember(presence);
    if (presence.heads) heads.replace(presence.heads);
  }

  function remember({ instance, url, startedAt, load, ttlMs }: Presence): void {
    const forgetAtMs = nowMs() + ttlMs;
    const before = known.get(instance);
    if (before?.startedAt === startedAt && before.url === url) {
      Object.assign(before, { load, forgetAtMs });
      return;
    }
    if (!before && known.size >= maxInstances) {
      logger.warn({ peer: instance, maxInstances }, "too many instances announce themselves, this one is left out");
      return;
    }
    known.set(instance, { instance, url, startedAt, load, forgetAtMs });
    logger.info({ peer: instance, url }, "an instance has announced itself");
  }

  function forgetLate(): void {
    const now = nowMs();
    for (const { instance, forgetAtMs } of known.values()) {
      if (forgetAtMs > now) continue;
      known.delete(instance);
      logger.warn({ peer: instance }, "an instance has fallen silent");
    }
  }

  const close = broker.subscribe(presenceFilter(service), hear);
  return {
    live() {
      forgetLate();
      return [...known.values()];
    },
    heads,
    close,
  };
}
