import { transact } from "@orderflow/common/database/connect-database";
import type { Refusal } from "@orderflow/common/errors";
import type { FactOf } from "@orderflow/common/events/catalog";
import { appendEvents } from "@orderflow/common/messaging/append";
import type { Event, Fact, Trace } from "@orderflow/common/messaging/event";
import type { SQL, TransactionSQL } from "bun";
import type { Decision, Order } from "../domain/order.ts";
import { bringBack } from "./bring-back.ts";
import { type Change, changeMany, KeyTakenMeanwhile } from "./change-many.ts";
import type { KeyedRequest } from "./idempotency-keys.ts";
import { listOrders, type OrderFilter } from "./list-orders.ts";
import { readOrders } from "./order-rows.ts";
import { answerMany, type Placement, placeMany } from "./place-many.ts";
import { readSteps, type Step } from "./timeline.ts";

export type OrderRepository = {
  /** Places a batch in one transaction; its keys differ. Answers in order; a refusal stands for its placement alone. */
  placeMany(placements: Placement[]): Promise<(Order | Refusal)[]>;
  /** The answers these requests have already, in their order; undefined for a key that is still free. */
  answerMany(requests: KeyedRequest[]): Promise<(Order | Refusal | undefined)[]>;
  /** Loads, decides, saves and announces as one transaction; the row locks, taken in id order, make racing callers queue. */
  updateMany(changes: Change[]): Promise<(Order | Refusal)[]>;
  /** `updateMany` inside a consumer's transaction; the facts are the consumer's to append. */
  applyMany(tx: TransactionSQL, changes: Change[]): Promise<Fact[]>;
  /** Takes an order back that was lost with the database; one that is there is answered as it is. */
  bringBack(decision: Decision<Order, FactOf<"order.created">>, trace: Trace): Promise<Order>;
  byId(id: string): Promise<Order | undefined>;
  /** Newest first. */
  list(filter: OrderFilter): Promise<Order[]>;
  /** Oldest first. */
  steps(orderId: string, afterVersion?: number): Promise<Step[]>;
  /** At which version each of these orders is. */
  versions(ids: string[]): Promise<Map<string, number>>;
};

const maxAttempts = 3;

/** `announce` gets what was appended, after its commit. */
export function createOrderRepository(sql: SQL, announce: (events: Event[]) => void): OrderRepository {
  return {
    async placeMany(placements) {
      const { answers, events } = await transact(sql, (tx) => placeMany(tx, placements));
      announce(events);
      return answers;
    },
    answerMany: (requests) => answerMany(sql, requests),
    async updateMany(changes) {
      for (let attempt = 1; ; attempt++) {
        try {
          const { answers, events } = await transact(sql, (tx) => changeAndAppend(tx, changes));
          announce(events);
          return answers;
        } catch (error) {
          if (!(error instanceof KeyTakenMeanwhile) || attempt === maxAttempts) throw error;
        }
      }
    },
    async applyMany(tx, changes) {
      return (await changeMany(tx, changes)).facts;
    },
    async bringBack(decision, trace) {
      const { order, events } = await transact(sql, (tx) => bringBack(tx, decision, trace));
      announce(events);
      return order;
    },
    async byId(id) {
      return (await readOrders(sql, [id])).get(id);
    },
    list: (filter) => listOrders(sql, filter),
    steps: (orderId, afterVersion) => readSteps(sql, orderId, afterVersion),
    async versions(ids) {
      const rows: { id: string; version: number }[] = await sql`
        select id, version from customer_order where id = any(${sql.array(ids, "UUID")})`;
      return new Map(rows.map((row) => [row.id, row.version]));
    },
  };
}

async function changeAndAppend(tx: TransactionSQL, changes: Change[]) {
  const { answers, facts } = await changeMany(tx, changes);
  return { answers, events: facts.length > 0 ? await appendEvents(tx, facts) : [] };
}
