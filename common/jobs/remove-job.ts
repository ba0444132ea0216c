import type { SQL, TransactionSQL } from "bun";

/** Removes the job that waits, or is exhausted, under this key. One that runs is not stopped, but not tried again. */
export async function removeJob(tx: TransactionSQL | SQL, key: string): Promise<void> {
  await tx`select graphile_worker.remove_job(${key})`;
}
