import type { ChaosOptions } from "../chaos-options.ts";
import { isUpheld, showOutcome, writeOutcome } from "../chaos-report.ts";
import { startChaosSystem } from "../chaos-system.ts";
import { runLoad } from "../clients/crowd.ts";
import { planProducts, planVisits } from "../clients/visits.ts";
import { conclude } from "../conclude.ts";
import { gather } from "../gather.ts";
import { createProgress, say } from "../progress.ts";
import { hangUp, type TcpProxy } from "../tcp-proxy.ts";
import { upOptions } from "../up-options.ts";

/** Few, so that a commit holds few calls and cuts come often for each. */
const clients = 8;
const visitsPerCut = 20;
const cutEvery = 3;

/** Of three commits of order one loses its connection, by turns after it was delivered and before. */
export async function runCommitCut(options: ChaosOptions): Promise<number> {
  const { seed, cuts } = options;
  const visits = planVisits(seed, cuts * visitsPerCut);
  const products = planProducts(visits.length);
  const system = await startChaosSystem(upOptions({ ...options, usesFaultPoints: false }));
  let isKept = options.keepsState;
  try {
    const crowd = await gather(system, products);
    say(`cutting order's connection at COMMIT, ${cuts} times`);
    const counts = cutAtCommit(system.proxies.postgres, cuts);
    const startedAt = performance.now();
    await runLoad({
      ...{ crowd, visits, durationMs: 0, clients },
      isOver: () => counts.delivered + counts.undelivered >= cuts,
      onProgress: createProgress(visits.length),
    });
    const loadMs = performance.now() - startedAt;
    system.proxies.postgres.intercept(undefined);
    const outcome = await conclude({ options, system, crowd, products, injected: [], loadMs });
    console.log(`\n${showOutcome(outcome)}`);
    console.log(`Cut with the COMMIT delivered: ${counts.delivered}, before: ${counts.undelivered}.`);
    if (options.json) await writeOutcome(options.json, outcome);
    const isRight = isUpheld(outcome) && counts.delivered + counts.undelivered >= cuts;
    isKept ||= !isRight;
    return isRight ? 0 : 1;
  } finally {
    if (isKept) say(`what it left is in ${system.state}`);
    await system.stop({ keepsState: isKept });
  }
}

function cutAtCommit(postgres: TcpProxy, cuts: number): { delivered: number; undelivered: number } {
  const counts = { delivered: 0, undelivered: 0 };
  let commits = 0;
  postgres.intercept((connection, sent) => {
    if (!connection.greeting.includes("orderflow_order") || !/\bcommit\b/i.test(sent.toString("latin1"))) return false;
    const done = counts.delivered + counts.undelivered;
    if (done >= cuts || ++commits % cutEvery !== 0) return false;
    const isDelivered = done % 2 === 0;
    counts[isDelivered ? "delivered" : "undelivered"]++;
    hangUp(connection, isDelivered ? sent : undefined);
    return true;
  });
  return counts;
}
