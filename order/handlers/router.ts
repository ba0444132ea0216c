import { deadLetterRouter } from "@orderflow/common/messaging/dead-letters/dead-letter-router";
import { createEventsRouter } from "@orderflow/common/messaging/events-router";
import type { SQL } from "bun";
import { audit } from "./audit.ts";
import { authorizeDispatch } from "./authorize-dispatch.ts";
import { authorizeDispatches } from "./authorize-dispatches.ts";
import { bringBack } from "./bring-back-order.ts";
import { byId } from "./by-id.ts";
import { cancel } from "./cancel-order.ts";
import { list } from "./list-orders.ts";
import { feed } from "./order-feed.ts";
import { place } from "./place-order.ts";
import { timeline } from "./timeline.ts";
import { router } from "./trpc.ts";
import { watch } from "./watch-order.ts";

/** All that a client may ask, behind the gateway. */
export const orderRouter = router({
  place,
  byId,
  list,
  cancel,
  timeline,
  watch,
  feed,
  bringBack,
  audit,
  deadLetters: deadLetterRouter,
});
export type OrderRouter = typeof orderRouter;

/** The streams that order writes, in name order. */
export const orderStreams = ["order", "order.commands.worker"] as const;

/** Who listens to them, and whom the log is kept for even before it has asked. */
export const orderReaders = {
  order: ["inventory", "notify", "worker"],
  "order.commands.worker": ["worker"],
} as const satisfies Record<(typeof orderStreams)[number], readonly string[]>;

/** All that a neighbour may ask. */
export function createOrderInternalRouter(sql: SQL) {
  return router({
    events: createEventsRouter(sql, [...orderStreams]),
    fulfilment: router({ authorizeDispatch, authorizeDispatches }),
  });
}
export type OrderInternalRouter = ReturnType<typeof createOrderInternalRouter>;
