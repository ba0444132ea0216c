import { setTimeout } from "node:timers/promises";
import type { SQL } from "bun";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { type Pruning, pruneRows } from "./prune-rows.ts";

type Options = {
  sql: SQL;
  logger: Logger;
  metrics: Metrics;
  config: { pruneIntervalS: number };
  prunings: Pruning[];
};

export type Pruner = { stop(): Promise<void> };

/**
 * Prunes now and then until stopped. Any number of instances may do so: at each moment one of them prunes a thing. What
 * fails is told, counted and tried again with the next round.
 */
export function startPruning({ sql, logger, metrics, config, prunings }: Options): Pruner {
  const rows = metrics.counter("pruned_rows_total", "Rows deleted because they need not be kept", ["what"]);
  const failures = metrics.counter("prune_failures_total", "Rounds of pruning that failed", ["what"]);
  const stopping = new AbortController();
  const { signal } = stopping;

  async function prune(pruning: Pruning): Promise<void> {
    const { what } = pruning;
    try {
      const pruned = await pruneRows(sql, pruning, signal);
      rows.inc({ what }, pruned);
      if (pruned > 0) logger.info({ what, pruned }, "Pruned");
    } catch (error) {
      failures.inc({ what });
      logger.warn({ err: error, what }, "Pruning failed; it is tried again with the next round");
    }
  }

  async function run(): Promise<void> {
    const intervalMs = config.pruneIntervalS * 1_000;
    // The first round at a random moment, or instances that start together would all prune at once.
    for (let pauseMs = intervalMs * Math.random(); ; pauseMs = intervalMs) {
      await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
      for (const pruning of prunings) {
        if (signal.aborted) return;
        await prune(pruning);
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
