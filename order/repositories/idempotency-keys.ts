import { rowSet } from "@orderflow/common/database/row-set";
import { Refusal } from "@orderflow/common/errors";
import type { SQL, TransactionSQL } from "bun";

/** A request under a caller's key. `hash` is of the whole input, so the same key with another one is noticed. */
export type KeyedRequest = { callerId: string; key: string; hash: string };
export type AnsweredKey = KeyedRequest & { orderId: string };

/** Names a caller's key in a Map. */
export function keyOf({ callerId, key }: Pick<KeyedRequest, "callerId" | "key">): string {
  return `${key} ${callerId}`;
}

/** The order this key was answered with. Refuses with idempotency_key_reused when that answered another request. */
export function orderAnswering(request: KeyedRequest, answered: AnsweredKey): string {
  if (answered.hash === request.hash) return answered.orderId;
  throw keyReused();
}

export function keyReused(): Refusal {
  return new Refusal("idempotency_key_reused", "This idempotency key was used for another request");
}

const keyRows = rowSet({ caller_id: "text", key: "uuid", request_hash: "text", order_id: "uuid" });

type KeyRow = { caller_id: string; key: string; request_hash: string; order_id: string };

/** Which of these keys are answered already. */
export async function readKeys(sql: SQL | TransactionSQL, requests: KeyedRequest[]): Promise<Map<string, AnsweredKey>> {
  if (requests.length === 0) return new Map();
  const rows: KeyRow[] = await sql`
    select k.caller_id, k.key, k.request_hash, k.order_id
    from idempotency_key k
    join ${keyRows(sql, requests.map(toKeyRow))} row on k.caller_id = row.caller_id and k.key = row.key`;
  return new Map(rows.map(toAnsweredKey).map((answered) => [keyOf(answered), answered]));
}

/**
 * Takes the keys that are still free, in key order, so that two batches with the same keys queue instead of deadlocking.
 * A key that another transaction is taking is waited for. Answers the taken ones.
 */
export async function takeKeys(tx: TransactionSQL, keys: AnsweredKey[]): Promise<Set<string>> {
  const rows = await insertKeys(tx, keys, tx``);
  return new Set(rows.map(nameOf));
}

/** Takes keys as `takeKeys` does, and answers the next order number for each. */
export async function takeKeysWithNumbers(tx: TransactionSQL, keys: AnsweredKey[]): Promise<Map<string, number>> {
  const rows = await insertKeys(tx, keys, tx`, nextval('order_number') as sequence`);
  return new Map(rows.map((row) => [nameOf(row), Number(row.sequence)]));
}

type TakenRow = { caller_id: string; key: string; sequence?: string };

async function insertKeys(tx: TransactionSQL, keys: AnsweredKey[], alsoReturning: unknown): Promise<TakenRow[]> {
  if (keys.length === 0) return [];
  return await tx`
    insert into idempotency_key (caller_id, key, request_hash, order_id)
    select caller_id, key, request_hash, order_id
    from ${keyRows(tx, keys.map(toKeyRow))} row
    order by caller_id, key
    on conflict do nothing
    returning caller_id, key ${alsoReturning}`;
}

function nameOf(row: TakenRow): string {
  return keyOf({ callerId: row.caller_id, key: row.key });
}

function toKeyRow({ callerId, key, hash, orderId }: KeyedRequest & { orderId?: string }) {
  return { caller_id: callerId, key, request_hash: hash, order_id: orderId };
}

function toAnsweredKey(row: KeyRow): AnsweredKey {
  return { callerId: row.caller_id, key: row.key, hash: row.request_hash, orderId: row.order_id };
}
