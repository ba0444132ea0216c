import { Refusal } from "@orderflow/common/errors";
import { newId } from "@orderflow/common/ids";
import { appendEvents } from "@orderflow/common/messaging/append";
import type { Event, Trace } from "@orderflow/common/messaging/event";
import type { TransactionSQL } from "bun";
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
    const { state, facts: told } = placeOrder(priced, orderNumber(sequence));
    const named = told.map((fact) => ({ ...fact, ...trace, id: newId() }));
    orders.set(keyOf(request), state);
    facts.push(...named);
    steps.push(...stepsTo(state, { facts: named }));
  }
  const lost = placements.filter(({ request }) => !orders.has(keyOf(request)));
  const others = await answerMany(
    tx,
    lost.map(({ request }) => request),
  );
  if (orders.size > 0) {
    await insertOrders(tx, [...orders.values()]);
    await insertSteps(tx, steps);
  }
  const answers = placements.map(({ request }) => orders.get(keyOf(request)) ?? mustAnswer(others, request));
  const events = facts.length > 0 ? await appendEvents(tx, facts) : [];
  return { answers, events };
}

/** The answers these requests already have: the order as it is now, or a refusal. A request that has none is left out. */
export async function answerMany(
  sql: Parameters<typeof readKeys>[0],
  requests: KeyedRequest[],
): Promise<Map<string, Order | Refusal>> {
  const keys = await readKeys(sql, requests);
  const orders = await readOrders(
    sql,
    [...keys.values()].map((key) => key.orderId),
  );
  const answers = new Map<string, Order | Refusal>();
  for (const request of requests) {
    const key = keys.get(keyOf(request));
    if (key) answers.set(keyOf(request), answerOf(request, key, orders));
  }
  return answers;
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

function mustAnswer(answers: Map<string, Order | Refusal>, request: KeyedRequest): Order | Refusal {
  const answer = answers.get(keyOf(request));
  if (!answer) throw new Error(`The key ${request.key} is neither taken nor free`);
  return answer;
}

function toKey({ request, priced }: Placement): AnsweredKey {
  return { ...request, orderId: priced.id };
}
