import type { ChaosOptions } from "./chaos-options.ts";
import { isUpheld, showOutcome, writeOutcome } from "./chaos-report.ts";
import { startChaosSystem } from "./chaos-system.ts";
import { createCanary } from "./clients/canary.ts";
import { runLoad } from "./clients/crowd.ts";
import { planProducts, planVisits } from "./clients/visits.ts";
import { conclude } from "./conclude.ts";
import { describeFault, makeSchedule } from "./fault-schedule.ts";
import { runSchedule } from "./faults/run-schedule.ts";
import { gather } from "./gather.ts";
import { createProgress, say } from "./progress.ts";
import { upOptions } from "./up-options.ts";

/** Starts, breaks, waits and judges. Returns the exit code: 0 only when all promises were kept. */
export async function runChaos(options: ChaosOptions): Promise<number> {
  const { seed, orders, minutes, instances } = options;
  const durationMs = Math.round(minutes * 60_000);
  const schedule = makeSchedule({ seed, durationMs, instances });
  console.log(`The schedule of seed ${seed} (${schedule.length} faults):\n${schedule.map(describeFault).join("\n")}\n`);

  const system = await startChaosSystem(upOptions(options));
  say(`the system runs in ${system.state}, its gateway on ${system.gateway}`);
  let isKept = options.keepsState;
  try {
    const products = planProducts(orders);
    const crowd = await gather(system, products);
    const canary = createCanary(crowd, { seed, mailbox: system.mailbox });
    const startedAt = performance.now();
    const [injected] = await Promise.all([
      runSchedule({ system, schedule, startedAt, canary, say }),
      runLoad({ crowd, visits: planVisits(seed, orders), durationMs, onProgress: createProgress(orders) }),
    ]);
    const loadMs = performance.now() - startedAt;
    const outcome = await conclude({ options, system, crowd, products, injected, loadMs });
    console.log(`\n${showOutcome(outcome)}`);
    if (options.json) await writeOutcome(options.json, { ...outcome, schedule });
    isKept ||= !isUpheld(outcome);
    return isUpheld(outcome) ? 0 : 1;
  } catch (error) {
    isKept = true;
    throw error;
  } finally {
    if (isKept) say(`what it left is in ${system.state}: the witness, the log, the audit`);
    await system.stop({ keepsState: isKept });
  }
}
