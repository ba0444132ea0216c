import type { Event } from "@orderflow/common/messaging/event";
import { onlyKnown } from "@orderflow/common/messaging/known-event";
import { Money } from "@orderflow/common/money";
import { traceIdOf } from "@orderflow/common/observability/tracing";
import { tracked } from "@trpc/server";
import { z } from "zod";
import { orderStatuses } from "../domain/order.ts";
import { orderEventTypes, statusAfter } from "../domain/order-change.ts";
import { exampleFeedId, exampleFeedItem } from "./examples.ts";
import { placeText, readPlace, writePlace } from "./log-place.ts";
import { operatorProcedure } from "./trpc.ts";

const FollowFeed = z.object({
  /** Where to go on: the id of the item seen last. A client that reconnects sends it by itself. */
  lastEventId: z.string().regex(placeText, "not an id of this feed").transform(readPlace).optional(),
});

const OrderChange = z
  .object({
    orderId: z.uuid(),
    number: z.string(),
    customerId: z.string(),
    /** The order's after the change. */
    status: z.enum(orderStatuses),
    total: Money,
    at: z.iso.datetime(),
    event: z.enum(orderEventTypes),
    eventId: z.uuid(),
    traceId: z.string().nullable(),
  })
  .meta({ id: "OrderChange" });

const FeedItem = z.object({
  /** In the log of orders, from 1 and without gaps but for what is no change of an order. */
  position: z.int(),
  /** Null in the first item of a feed that begins now: it only says where. */
  change: OrderChange.nullable(),
});
type FeedItem = z.infer<typeof FeedItem>;

/**
 * Every order's changes, in the order in which they were committed. Without `lastEventId` it begins now: follow first
 * and read the list then, so that nothing falls between.
 */
export const feed = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/order-changes",
      summary: "Follow all orders",
      description: "Each change of any order, as it is committed. It goes on where `lastEventId` was seen.",
      refusals: ["feed_expired", "too_many_subscriptions"],
      yields: FeedItem,
      example: { input: { lastEventId: exampleFeedId }, output: exampleFeedItem },
    },
  })
  .input(FollowFeed.prefault({}))
  .subscription(async function* ({ ctx, input, signal }) {
    using _seat = ctx.live.seats.take(ctx.caller.id);
    for await (const { place, event } of ctx.live.followOrders(input.lastEventId, signal)) {
      const change = event ? changeOf(event) : null;
      if (change !== undefined)
        yield tracked(writePlace(place), { position: place.position, change } satisfies FeedItem);
    }
  });

/** Undefined for an event that changes no order's status. */
function changeOf(event: Event): FeedItem["change"] | undefined {
  const [known] = onlyKnown([event], ...orderEventTypes);
  if (known === undefined) return undefined;
  const { orderId, number, customerId, total } = known.data;
  return {
    orderId,
    number,
    customerId,
    status: statusAfter(known),
    total,
    at: event.time,
    event: known.type,
    eventId: event.id,
    traceId: traceIdOf(event.traceparent) ?? null,
  };
}
