import type { SQL, TransactionSQL } from "bun";

type PoolUse = { running: number; waiting: number };

const uses = new WeakMap<SQL, PoolUse>();

/** How many transactions hold one of the pool's connections now, and how many wait for one. */
export function transactionsOf(sql: SQL): PoolUse {
  const known = uses.get(sql);
  if (known) return known;
  const made = { running: 0, waiting: 0 };
  uses.set(sql, made);
  return made;
}

/** `sql.begin`, counted: a transaction waits until its work begins, which is when it has a connection. */
export async function beginCounted<T>(sql: SQL, work: (tx: TransactionSQL) => Promise<T>): Promise<T> {
  const use = transactionsOf(sql);
  let isRunning = false;
  use.waiting++;
  try {
    return (await sql.begin((tx) => {
      isRunning = true;
      use.waiting--;
      use.running++;
      return work(tx);
    })) as T;
  } finally {
    if (isRunning) use.running--;
    else use.waiting--;
  }
}
