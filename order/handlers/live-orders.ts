import type { Event, EventPage } from "@orderflow/common/messaging/event";
import { createSubscriptionSeats, type SubscriptionSeats } from "@orderflow/common/trpc/subscription-seats";
import { followLog, type LogStep } from "./follow-log.ts";
import type { LogPlace } from "./log-place.ts";
import { createLogTail } from "./log-tail.ts";
import { createOrderChanges, type OrderChanges } from "./order-changes.ts";

export type LiveOrders = {
  changes: OrderChanges;
  /** The log of orders after a place in it, or from its end on. */
  followOrders: (from: LogPlace | undefined, signal: AbortSignal | undefined) => AsyncIterable<LogStep>;
  seats: SubscriptionSeats;
  /** What this process has committed. */
  notify(events: Event[]): void;
  close(): void;
};

type Options = {
  versions: (orderIds: string[]) => Promise<Map<string, number>>;
  /** Of the log of orders. */
  readPage: (after: number, limit: number) => Promise<EventPage>;
  onError: (error: unknown) => void;
  maxSubscriptions: number;
  maxSubscriptionsPerCaller: number;
};

/** What subscriptions are served from: one order's versions, or the log of them all. */
export function createLiveOrders({ versions, readPage, onError, ...limits }: Options): LiveOrders {
  const changes = createOrderChanges({ versions, onError, maxWatches: limits.maxSubscriptions });
  const tail = createLogTail({ readPage, onError });
  return {
    changes,
    followOrders: (from, signal) => followLog({ tail, readPage, from, signal }),
    seats: createSubscriptionSeats({ max: limits.maxSubscriptions, maxPerCaller: limits.maxSubscriptionsPerCaller }),
    notify(events) {
      changes.notify(events);
      tail.notify();
    },
    close() {
      changes.close();
      tail.close();
    },
  };
}
