import type { ChaosOptions } from "./chaos-options.ts";
import type { ChaosOutcome } from "./chaos-report.ts";
import type { ChaosSystem } from "./chaos-system.ts";
import type { Crowd } from "./clients/crowd.ts";
import { settleAnswers } from "./clients/settle-answers.ts";
import type { Product } from "./clients/visits.ts";
import { say } from "./progress.ts";
import { awaitRest } from "./verdict/await-rest.ts";
import { judge } from "./verdict/judge.ts";
import { retryRefusedMails } from "./verdict/retry-refused-mails.ts";

type Ending = Pick<ChaosOutcome, "injected" | "loadMs"> & {
  options: ChaosOptions;
  system: ChaosSystem;
  crowd: Crowd;
  products: Product[];
};

/** Gets an answer to every call, waits for rest, and judges. */
export async function conclude({ options, system, crowd, products, injected, loadMs }: Ending): Promise<ChaosOutcome> {
  const { orders, seed, instances, quietMinutes } = options;
  const { witness, operator, log } = crowd;
  const { postgres, broker } = await system.run();
  const endedAt = performance.now();
  log.close();
  const askedAgain = await settleAnswers(crowd);
  const rest = { adminUrl: postgres.url, timeoutMs: quietMinutes * 60_000, say };
  await awaitRest(rest);
  const refusedMails = await retryRefusedMails(operator);
  const { left } = await awaitRest(rest);
  const restMs = performance.now() - endedAt;
  say("the audit and the verdict follow");
  const { mailbox, state } = system;
  return {
    title: `${orders} orders, seed ${seed}, ${instances} instances, ${broker.kind}`,
    ...{ loadMs, restMs, left, injected, askedAgain, refusedMails },
    verdict: await judge({ adminUrl: postgres.url, mailbox, state, witness, products }),
    availability: log.availability(),
    latency: log.latency(),
    firstTryLatency: log.firstTryLatency(),
    faultPoints: countFaultPoints(await system.log()),
  };
}

function countFaultPoints(log: string): Record<string, number> {
  const reached = [...log.matchAll(/fault point reached: ([a-z.-]+)/g)].map(([, name = ""]) => name);
  return Object.fromEntries(
    [...Map.groupBy(reached, (name) => name)].sort().map(([name, lines]) => [name, lines.length]),
  );
}
