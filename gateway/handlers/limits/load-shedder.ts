import type { Logger } from "@orderflow/common/observability/logger";
import type { Metrics } from "@orderflow/common/observability/metrics";
import { type AdaptiveLimit, createAdaptiveLimit } from "../../domain/adaptive-limit.ts";

/** Among the requests under way. Given back by `leave`, with what the request was answered with. */
export type Place = { leave(status: number): void };

export type LoadShedder = {
  /** A place among those under way for each of `targets`; undefined when there is none left for one of them. */
  enter(request: Request, targets: readonly string[]): Place | undefined;
  /** The mean time, in ms, above which fewer are taken at once; 0 refuses nobody. */
  aimAt(targetMs: number): void;
};

type Options = { targetMs: number; logger: Logger; metrics: Metrics };
type Held = { pause(): void; goOn(): void };

const bounds = { min: 50, max: 1_000, first: 200 };
const sayEveryMs = 10_000;
const held = new WeakMap<Request, Held>();

/**
 * Takes as many requests at once for each target as it answers in time, and tells of the others. A slow target leaves the
 * others alone, but for batches that ask it along with them.
 */
export function createLoadShedder({ targetMs, logger, metrics }: Options): LoadShedder {
  const refused = metrics.counter("gateway_shed_total", "Requests refused since too many were under way", ["target"]);
  const limits = metrics.gauge("gateway_concurrency_limit", "Requests that may be under way at once", ["target"]);
  const underWay = metrics.gauge("gateway_requests_under_way", "Requests that are not answered yet", ["target"]);
  const byTarget = new Map<string, AdaptiveLimit>();
  let aim = targetMs;
  let saidAtMs = Number.NEGATIVE_INFINITY;
  metrics.onScrape(() => {
    for (const [target, limit] of byTarget) {
      limits.set({ target }, limit.current());
      underWay.set({ target }, limit.underWay());
    }
  });

  function limitOf(target: string): AdaptiveLimit {
    const known = byTarget.get(target);
    if (known) return known;
    const made = createAdaptiveLimit(bounds, aim);
    byTarget.set(target, made);
    return made;
  }

  /** A line for each would cost more than the refusal. */
  function tell(target: string, limit: number): void {
    refused.inc({ target });
    const now = performance.now();
    if (now - saidAtMs < sayEveryMs) return;
    saidAtMs = now;
    logger.warn({ target, limit }, "more comes than is answered in time: requests are refused");
  }

  return {
    enter(request, targets) {
      const full = targets.find((target) => !limitOf(target).hasRoom());
      if (full === undefined) return takePlaces(request, targets.map(limitOf));
      tell(full, limitOf(full).current());
      return undefined;
    },
    aimAt(wanted) {
      aim = wanted;
      for (const limit of byTarget.values()) limit.aimAt(wanted);
    },
  };
}

/** Reads what the client still sends, while its place is free for others: who sends slowly must not keep them out. */
export async function whileClientSends<T>(request: Request, read: () => Promise<T>): Promise<T> {
  const place = held.get(request);
  place?.pause();
  try {
    return await read();
  } finally {
    place?.goOn();
  }
}

/** What a batch for several took tells of the first alone: how long each had is not known here. */
function takePlaces(request: Request, limits: readonly AdaptiveLimit[]): Place {
  let sinceMs = performance.now();
  let workMs = 0;
  let isCounted = true;
  let isOver = false;
  const begin = () => {
    for (const limit of limits) limit.begin();
  };
  const end = () => {
    for (const limit of limits) limit.end();
  };
  begin();
  held.set(request, {
    pause() {
      isCounted = false;
      workMs += performance.now() - sinceMs;
      end();
    },
    goOn() {
      if (isOver) return;
      isCounted = true;
      sinceMs = performance.now();
      begin();
    },
  });
  return {
    leave(status) {
      isOver = true;
      if (!isCounted) return;
      const nowMs = performance.now();
      end();
      if (isTelling(status)) limits[0]?.took(workMs + nowMs - sinceMs, nowMs);
    },
  };
}

/** What is refused at the door is quick, and would say that all is well. */
function isTelling(status: number): boolean {
  return status < 400 || status === 409 || status === 504;
}
