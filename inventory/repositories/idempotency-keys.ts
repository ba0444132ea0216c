import { rowSet } from "@orderflow/common/database/row-set";
import { Refusal } from "@orderflow/common/errors";
import type { TransactionSQL } from "bun";

/** A caller's key and the hash of all that was asked under it, so that the same key with another request is noticed. */
export type KeyedRequest = { callerId: string; key: string; hash: string };
export type Answered<Answer> = { hash: string; answer: Answer };

/** Names a caller's key in a Map. */
export function keyOf({ callerId, key }: Pick<KeyedRequest, "callerId" | "key">): string {
  return `${key} ${callerId}`;
}

/** @throws Refusal idempotency_key_reused when the key was answered for another request. */
export function answerTo<Answer>(request: KeyedRequest, answered: Answered<Answer>): Answer {
  if (answered.hash === request.hash) return answered.answer;
  throw new Refusal("idempotency_key_reused", "This idempotency key was used for another request");
}

const keyRows = rowSet({ callerId: "text", key: "uuid", hash: "text" });
const answerRows = rowSet({ callerId: "text", key: "uuid", hash: "text", response: "jsonb" });

type KeyRow<Answer> = { caller_id: string; key: string; request_hash: string; response: Answer | null };

/**
 * Takes the keys that are free, in key order, and answers what the others were answered. A key that another
 * transaction is taking is waited for. What is taken must be answered or given up before the commit.
 */
export async function takeKeys<Answer>(
  tx: TransactionSQL,
  requests: KeyedRequest[],
): Promise<Map<string, Answered<Answer>>> {
  const wanted = keyRows(tx, requests);
  await tx`
    insert into idempotency_key (caller_id, key, request_hash)
    select "callerId", key, hash
    from ${wanted} row
    order by "callerId", key
    on conflict do nothing`;
  const rows: KeyRow<Answer>[] = await tx`
    select k.caller_id, k.key, k.request_hash, k.response
    from idempotency_key k
    join (select distinct "callerId", key from ${wanted} row) r
      on k.caller_id = r."callerId" and k.key = r.key
    where k.response is not null`;
  return new Map(
    rows.flatMap(({ caller_id: callerId, key, request_hash: hash, response }) =>
      response === null ? [] : [[keyOf({ callerId, key }), { hash, answer: response }] as const],
    ),
  );
}

export async function answerKeys(tx: TransactionSQL, answers: (KeyedRequest & { response: unknown })[]): Promise<void> {
  if (answers.length === 0) return;
  await tx`
    update idempotency_key k set request_hash = row.hash, response = row.response
    from ${answerRows(tx, answers)} row
    where k.caller_id = row."callerId" and k.key = row.key`;
}

/** Gives up taken keys whose request was refused: nothing of it is stored, and the key may be used again. */
export async function giveUpKeys(tx: TransactionSQL, requests: KeyedRequest[]): Promise<void> {
  if (requests.length === 0) return;
  await tx`
    delete from idempotency_key k
    using ${keyRows(tx, requests)} row
    where k.caller_id = row."callerId" and k.key = row.key and k.response is null`;
}
