import { allSent } from "@orderflow/common/database/all-sent";
import { Refusal } from "@orderflow/common/errors";
import { newId } from "@orderflow/common/ids";
import type { Event, Trace } from "@orderflow/common/messaging/event";
import type { TransactionSQL } from "bun";
import type { Decision, Order } from "../domain/order.ts";
import {
  type AnsweredKey,
  type KeyedRequest,
  keyOf,
  keyReused,
  orderAnswering,
  readKeys,
  takeKeys,
} from "./idempotency-keys.ts";
import { lockOrders } from "./order-rows.ts";
import { insertSteps, type NamedFact, type Step, stepsTo } from "./timeline.ts";
import { updateOrders } from "./write-orders.ts";

/** A change asked of one order. `decide` sees the order as the changes before it in the batch leave it. */
export type Change = {
  orderId: string;
  decide: (order: Order | undefined) => Decision<Order>;
  /** What the facts that follow carry. */
  trace: Trace;
  /** The event that asks for the change; it becomes a step of the timeline. */
  cause?: Event | undefined;
  /** A caller's key: the same request again is answered, not decided. */
  request?: KeyedRequest | undefined;
};

/** The facts are not appended yet: that comes last in the transaction, and is the caller's. */
export type ChangedMany = { answers: (Order | Refusal)[]; facts: NamedFact[] };

/** Somebody else took a key between our look and our insert. The transaction must begin anew, and will then see it. */
export class KeyTakenMeanwhile extends Error {
  override readonly name = "KeyTakenMeanwhile";
}

/** Loads the set locked in id order, decides in memory one after another, saves the set. One refusal never fails its neighbours. */
export async function changeMany(tx: TransactionSQL, changes: Change[]): Promise<ChangedMany> {
  const before = await lockOrders(
    tx,
    changes.map((change) => change.orderId),
  );
  const requests = changes.flatMap(({ request }) => request ?? []);
  const batch = newBatch(before, await readKeys(tx, requests));
  const answers = changes.map((change) => answerOrRefusal(() => decideOne(batch, change)));

  const taken = await takeKeys(tx, batch.newKeys);
  if (taken.size !== batch.newKeys.length) throw new KeyTakenMeanwhile("An idempotency key was taken meanwhile");
  const changed = [...before.values()].flatMap((order) => {
    const after = batch.orders.get(order.id);
    return after && after !== order ? { before: order, after } : [];
  });
  await allSent([updateOrders(tx, changed), insertSteps(tx, batch.steps)]);
  return { answers, facts: batch.facts };
}

type Batch = {
  orders: Map<string, Order>;
  keys: Map<string, AnsweredKey>;
  newKeys: AnsweredKey[];
  facts: NamedFact[];
  steps: Step[];
};

function newBatch(before: Map<string, Order>, keys: Map<string, AnsweredKey>): Batch {
  return { orders: new Map(before), keys: new Map(keys), newKeys: [], facts: [], steps: [] };
}

function decideOne(batch: Batch, { orderId, decide, trace, cause, request }: Change): Order {
  const answered = request && batch.keys.get(keyOf(request));
  if (request && answered) return answeredOrder(batch, request, answered);

  const order = batch.orders.get(orderId);
  const { state, facts: told } = decide(order);
  const facts = told.map((fact) => ({ ...fact, ...trace, id: newId() }));
  if (state !== order) batch.steps.push(...stepsTo(state, { facts, cause }));
  batch.facts.push(...facts);
  batch.orders.set(orderId, state);
  if (request) {
    const key = { ...request, orderId };
    batch.newKeys.push(key);
    batch.keys.set(keyOf(request), key);
  }
  return state;
}

function answeredOrder(batch: Batch, request: KeyedRequest, answered: AnsweredKey): Order {
  const order = batch.orders.get(orderAnswering(request, answered));
  // The hash covers the order's id, so the same request always names an order of this batch.
  if (!order) throw keyReused();
  return order;
}

function answerOrRefusal(decide: () => Order): Order | Refusal {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
