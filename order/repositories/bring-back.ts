import type { FactOf } from "@orderflow/common/events/catalog";
import { newId } from "@orderflow/common/ids";
import { appendEvents } from "@orderflow/common/messaging/append";
import type { Event, Trace } from "@orderflow/common/messaging/event";
import type { TransactionSQL } from "bun";
import type { Decision, Order } from "../domain/order.ts";
import { type AnsweredKey, takeKeys } from "./idempotency-keys.ts";
import { readOrders } from "./order-rows.ts";
import { insertSteps, stepsTo } from "./timeline.ts";
import { insertOrders } from "./write-orders.ts";

export type BroughtBack = { order: Order; events: Event[] };

/** Stores the order and tells of it, unless it is there already: then it is answered as it is. */
export async function bringBack(
  tx: TransactionSQL,
  { state, facts }: Decision<Order, FactOf<"order.created">>,
  trace: Trace,
): Promise<BroughtBack> {
  // Two that bring the same one back at once: the second must see the first's row.
  await tx`select pg_advisory_xact_lock(hashtextextended(${state.id}, 0))`;
  const known = (await readOrders(tx, [state.id])).get(state.id);
  if (known) return { order: known, events: [] };
  const named = facts.map((fact) => ({ ...fact, ...trace, id: newId() }));
  // The call that placed it is answered with it again, unless it has placed another order since.
  await takeKeys(tx, facts.flatMap(keyOf));
  await insertOrders(tx, [state]);
  await insertSteps(tx, stepsTo(state, { facts: named }));
  return { order: state, events: await appendEvents(tx, named) };
}

function keyOf({ data }: FactOf<"order.created">): AnsweredKey[] {
  const { orderId, customerId, request } = data;
  return request ? [{ callerId: customerId, key: request.idempotencyKey, hash: request.hash, orderId }] : [];
}
