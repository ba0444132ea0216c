import { allSent } from "@orderflow/common/database/all-sent";
import { Refusal } from "@orderflow/common/errors";
import { newId } from "@orderflow/common/ids";
import { appendEvents } from "@orderflow/common/messaging/append";
import type { Event, Trace } from "@orderflow/common/messaging/event";
import type { SQL, TransactionSQL } from "bun";
import type { Order } from "../domain/order.ts";
import { orderNumber } from "../domain/order-number.ts";
import { type PricedOrder, placeOrder } from "../domain/place-order.ts";
import {
  type AnsweredKey,
  type KeyedRequest,
  keyOf,
  orderAnswering,
  readKeys,
  takeKeysWithNumbers,
} from "./idempotency-keys.ts";
import { readOrders } from "./order-rows.ts";
import { insertSteps, type NamedFact, stepsTo } from "./timeline.ts";
import { insertOrders } from "./write-orders.ts";

export type Placement = { request: KeyedRequest; priced: PricedOrder; trace: Trace };
export type PlacedMany = { answers: (Order | Refusal)[]; events: Event[] };

/**
 * Places the orders of a batch, whose keys differ, in one transaction. A key that somebody else won meanwhile is answered
 * with that order as it is now, or refused when it answered another request.
 */
export async function placeMany(tx: TransactionSQL, placements: Placement[]): Promise<PlacedMany> {
  const taken = await takeKeysWithNumbers(tx, placements.map(toKey));
  const orders = new Map<string, Order>();
  const facts: NamedFact[] = [];
  const steps = [];
  for (const { request, priced, trace } of placements) {
    const sequence = taken.get(keyOf(request));
    if (sequence === undefined) continue;
    const { state, facts: told } = placeOrder(priced, {
      number: orderNumber(sequence),
      request: { idempotencyKey: request.key, hash: request.hash },
    });
    const named = told.map((fact) => ({ ...fact, ...trace, id: newId() }));
    orders.set(keyOf(request), state);
    facts.push(...named);
    steps.push(...stepsTo(state, { facts: named }));
  }
  const answers = await answerAll(tx, placements, orders);
  if (orders.size === 0) return { answers, events: [] };
  // PostgreSQL takes them in this order, the append last.
  const [, , events] = await allSent([
    insertOrders(tx, [...orders.values()]),
    insertSteps(tx, steps),
    appendEvents(tx, facts),
  ]);
  return { answers, events };
}

async function answerAll(tx: TransactionSQL, placements: Placement[], placed: Map<string, Order>) {
  const lost = placements.map(({ request }) => request).filter((request) => !placed.has(keyOf(request)));
  const others = await answerMany(tx, lost);
  const answers = new Map(lost.map((request, index) => [keyOf(request), others[index]]));
  return placements.map(({ request }) => {
    const answer = placed.get(keyOf(request)) ?? answers.get(keyOf(request));
    if (!answer) throw new Error(`The key ${request.key} is neither taken nor free`);
    return answer;
  });
}

/** The answers these requests already have, in their order: the order as it is now, or a refusal; undefined for none. */
export async function answerMany(
  sql: SQL | TransactionSQL,
  requests: KeyedRequest[],
): Promise<(Order | Refusal | undefined)[]> {
  const keys = await readKeys(sql, requests);
  const orders = await readOrders(
    sql,
    [...keys.values()].map((key) => key.orderId),
  );
  return requests.map((request) => {
    const key = keys.get(keyOf(request));
    return key && answerOf(request, key, orders);
  });
}

function answerOf(request: KeyedRequest, key: AnsweredKey, orders: Map<string, Order>): Order | Refusal {
  try {
    const order = orders.get(orderAnswering(request, key));
    if (!order) throw new Error(`The key ${key.key} names an order that is not there`);
    return order;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function toKey({ request, priced }: Placement): AnsweredKey {
  return { ...request, orderId: priced.id };
}
