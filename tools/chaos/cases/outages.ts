import { textTable } from "../../format/text-table.ts";
import type { ChaosOptions, OutagePart } from "../chaos-options.ts";
import { isUpheld, showOutcome, writeOutcome } from "../chaos-report.ts";
import { type ChaosSystem, startChaosSystem } from "../chaos-system.ts";
import { type Crowd, place } from "../clients/crowd.ts";
import type { Answer } from "../clients/patient-call.ts";
import { addressOf, canarySku, planProducts } from "../clients/visits.ts";
import { conclude } from "../conclude.ts";
import { gather } from "../gather.ts";
import { say } from "../progress.ts";
import { upOptions } from "../up-options.ts";

type Probe = { atMs: number; answer: Answer<unknown> };
type Outage = { part: OutagePart; probes: Probe[]; fromMs: number; toMs: number };

const calmMs = 5_000;
const recoveryMs = 15_000;
/** A caller is told within this time that the database is away. */
const fastFailureMs = 1_000;

/**
 * The broker is away, then PostgreSQL. Placing goes on without the one; without the other calls fail within a bound and
 * say so; and both times everything goes on by itself, with the processes it had.
 */
export async function runOutages(options: ChaosOptions): Promise<number> {
  const system = await startChaosSystem(upOptions({ ...options, usesFaultPoints: false }));
  const products = planProducts(1_000);
  let isKept = options.keepsState;
  try {
    const crowd = await gather(system, products);
    const before = await pids(system);
    const startedAt = performance.now();
    const outages: Outage[] = [];
    for (const part of options.outageParts) {
      say(`${part} is away for ${options.outageS} s`);
      outages.push(await endure(system, crowd, { ...options, part, forMs: options.outageS * 1_000 }));
    }
    const loadMs = performance.now() - startedAt;
    const outcome = await conclude({ options, system, crowd, products, injected: [], loadMs });
    const restarted = (await pids(system)).filter((pid) => !before.includes(pid));
    console.log(`\n${showOutcome(outcome)}\n\n${textTable(rows(outages))}`);
    console.log(`Processes that did not live through it: ${restarted.length}`);
    if (options.json) await writeOutcome(options.json, outcome);
    const isRight = isUpheld(outcome) && restarted.length === 0 && outages.every(isEndured);
    isKept ||= !isRight;
    return isRight ? 0 : 1;
  } finally {
    if (isKept) say(`what it left is in ${system.state}`);
    await system.stop({ keepsState: isKept });
  }
}

async function pids(system: ChaosSystem): Promise<string[]> {
  return (await system.run()).services.map(({ instance, pid }) => `${instance} ${pid}`);
}

type Endure = Pick<ChaosOptions, "seed" | "outageRate"> & { part: OutagePart; forMs: number };

/** Orders a thing so many times a second, asked once each, from before the outage until some time after it. */
async function endure(system: ChaosSystem, crowd: Crowd, { part, seed, outageRate, forMs }: Endure): Promise<Outage> {
  const probes: Probe[] = [];
  const startedAt = performance.now();
  const [fromMs, toMs] = [calmMs, calmMs + forMs];
  const open: Promise<void>[] = [];
  setTimeout(() => void system.proxies[part].setMode("refuse"), fromMs);
  setTimeout(() => void system.proxies[part].setMode("pass"), toMs);
  for (let n = 0; performance.now() - startedAt < toMs + recoveryMs; n++) {
    open.push(
      probe(crowd, `chaos ${seed}-${part}-${n}`, (answer, atMs) => probes.push({ answer, atMs: atMs - startedAt })),
    );
    await Bun.sleep(Math.max(0, startedAt + ((n + 1) * 1_000) / outageRate - performance.now()));
  }
  await Promise.all(open);
  return { part, probes, fromMs, toMs };
}

async function probe(crowd: Crowd, mark: string, note: (answer: Answer<unknown>, atMs: number) => void): Promise<void> {
  const [account] = crowd.customers;
  if (!account) throw new Error("a probe needs an account");
  const lines = [{ sku: canarySku, quantity: 1 }];
  const request = { idempotencyKey: crypto.randomUUID(), lines, shippingAddress: addressOf(mark) };
  const atMs = performance.now();
  note(await place(crowd, { account, mark, request, maxTries: 1 }), atMs);
}

function isEndured({ part, probes, fromMs, toMs }: Outage): boolean {
  const during = probes.filter(({ atMs }) => atMs > fromMs && atMs < toMs);
  const accepted = during.filter(({ answer }) => answer.kind === "accepted").length;
  const isBackAtTheEnd = probes.at(-1)?.answer.kind === "accepted";
  const slowest = Math.max(0, ...during.map(({ answer }) => answer.elapsedMs));
  return isBackAtTheEnd && (part === "broker" ? accepted === during.length : slowest < fastFailureMs);
}

function rows(outages: Outage[]): string[][] {
  const header = [
    "away",
    "asked meanwhile",
    "accepted",
    "answered within p50 / p99 / longest",
    "failures",
    "accepted again after",
  ];
  return [
    header,
    ...outages.map(({ part, probes, fromMs, toMs }) => {
      const during = probes.filter(({ atMs }) => atMs > fromMs && atMs < toMs);
      const times = during.map(({ answer }) => answer.elapsedMs).toSorted((a, b) => a - b);
      const problems = during.flatMap(({ answer }) => (answer.kind === "unanswered" ? [answer.problem] : []));
      const first = probes.find(({ atMs, answer }) => atMs >= toMs && answer.kind === "accepted");
      const again = first ? `${Math.round(first.atMs + first.answer.elapsedMs - toMs)} ms` : "never";
      const accepted = during.filter(({ answer }) => answer.kind === "accepted").length;
      const time = [times[times.length >> 1], times[Math.ceil(times.length * 0.99) - 1], times.at(-1)]
        .map((ms) => Math.round(ms ?? 0))
        .join(" / ");
      return [
        part,
        String(during.length),
        String(accepted),
        `${time} ms`,
        [...new Set(problems)].join("; ") || "none",
        again,
      ];
    }),
  ];
}
