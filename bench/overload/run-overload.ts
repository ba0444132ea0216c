import { runCatchUp } from "./catch-up.ts";
import type { OverloadOptions, OverloadPart } from "./overload-options.ts";
import { runSlowClients } from "./slow-clients.ts";
import { runSurge } from "./surge.ts";
import { areKept, type PartOutcome, showFigures, showOutcomes } from "./verdict.ts";
import { runWatchers } from "./watchers.ts";

const runs: Record<OverloadPart, (options: OverloadOptions) => Promise<PartOutcome>> = {
  surge: runSurge,
  "slow-clients": runSlowClients,
  watchers: runWatchers,
  "catch-up": runCatchUp,
};

/** One part after another. Returns the exit code: 0 when every promise was kept. */
export async function runOverload(options: OverloadOptions): Promise<number> {
  const outcomes: PartOutcome[] = [];
  for (const part of options.parts) {
    const outcome = await runs[part](options);
    outcomes.push(outcome);
    console.log(`${showOutcomes([outcome])}\n${showFigures(outcome.figures)}\n`);
  }
  if (outcomes.length > 1) console.log(showOutcomes(outcomes));
  if (options.json) await Bun.write(options.json, `${JSON.stringify(outcomes, null, 2)}\n`);
  return areKept(outcomes) ? 0 : 1;
}
