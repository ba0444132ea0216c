import type { SQL, TransactionSQL } from "bun";
import { transact } from "../database/connect-database.ts";
import { Refusal } from "../errors.ts";

export type Call = { idempotencyKey: string; callerId: string; body: unknown; at: Date };

/**
 * Does the work once per caller and key, and answers a repetition as the first time. Racing repetitions wait for the
 * first. What is refused is not remembered. The table is `idempotency_key` of ./schema.ts.
 *
 * @throws Refusal idempotency_key_reused when the key came with another body before.
 */
export function answerOnce<Answer>(
  sql: SQL,
  call: Call,
  work: (tx: TransactionSQL) => Promise<Answer>,
): Promise<Answer> {
  const bodyHash = new Bun.CryptoHasher("sha256").update(JSON.stringify(call.body)).digest("hex");
  return transact(sql, async (tx) => {
    const claimed: unknown[] = await tx`
      insert into idempotency_key (key, caller_id, body_hash, created_at)
      values (${call.idempotencyKey}::uuid, ${call.callerId}, ${bodyHash}, ${call.at})
      on conflict do nothing returning key`;
    if (claimed.length === 0) return answerAgain(tx, call, bodyHash);
    const answer = await work(tx);
    await tx`
      update idempotency_key set answer = ${JSON.stringify(answer)}::text::jsonb
      where caller_id = ${call.callerId} and key = ${call.idempotencyKey}::uuid`;
    return answer;
  });
}

async function answerAgain<Answer>(tx: TransactionSQL, call: Call, bodyHash: string): Promise<Answer> {
  const [known]: { body_hash: string; answer: Answer }[] = await tx`
    select body_hash, answer from idempotency_key
    where caller_id = ${call.callerId} and key = ${call.idempotencyKey}::uuid`;
  if (known?.body_hash === bodyHash) return known.answer;
  throw new Refusal("idempotency_key_reused", "This idempotency key was used for another call");
}
