import type { SQL } from "bun";
import type { Metrics } from "../observability/metrics.ts";
import { transactionsOf } from "./pool-use.ts";

/** What is known of a pool: its size, and how many transactions hold or await a connection. Bun tells nothing of single statements. */
export function watchPool(sql: SQL, { max, metrics }: { max: number; metrics: Metrics }): void {
  metrics.gauge("database_pool_connections", "Connections that the pool may open").set(max);
  const transactions = metrics.gauge(
    "database_pool_transactions",
    "Transactions that run on a connection, and those that wait for one",
    ["state"],
  );
  metrics.onScrape(() => {
    const { running, waiting } = transactionsOf(sql);
    transactions.set({ state: "running" }, running);
    transactions.set({ state: "waiting" }, waiting);
  });
}
