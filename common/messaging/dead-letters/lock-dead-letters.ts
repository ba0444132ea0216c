import type { TransactionSQL } from "bun";

/**
 * Takes the cursor row, the first lock of every transaction that touches a stream's effects, and answers the positions
 * of the aggregate's first dead letters as they are under it.
 */
export async function lockDeadLetters(
  tx: TransactionSQL,
  { stream, key, limit }: { stream: string; key: string; limit: number },
): Promise<number[]> {
  await tx`select from cursor where stream = ${stream} for update`;
  const rows: { position: string }[] = await tx`
    select position from dead_letter where stream = ${stream} and key = ${key} order by position limit ${limit}`;
  return rows.map(({ position }) => Number(position));
}
