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
type Mode = keyof typeof fastFailureMs;
type Outage = { part: OutagePart; mode: Mode; probes: Probe[]; fromMs: number; toMs: number };

const calmMs = 5_000;
const recoveryMs = 15_000;
/** A caller is told within this time that the database is away, or that it does not answer. */
const fastFailureMs = { refuse: 1_000, stall: 12_000 };

/**
 * The broker is away or silent, then PostgreSQL. Placing goes on without the one; without the other calls fail within a
 * bound and say so; and both times everything goes on by itself, with the processes it had unless PostgreSQL is silent:
 * then they leave rather than hang, and are started again.
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
    const mode = options.isSilent ? "stall" : "refuse";
    for (const part of options.outageParts) {
      say(`${part} is ${options.isSilent ? "silent" : "away"} for ${options.outageS} s`);
      outages.push(await endure(system, crowd, { ...options, part, mode, forMs: options.outageS * 1_000 }));
    }
    const loadMs = performance.now() - startedAt;
    const outcome = await conclude({ options, system, crowd, products, injected: [], loadMs });
    const restarted = (await pids(system)).filter((pid) => !before.includes(pid));
    console.log(`\n${showOutcome(outcome)}\n\n${textTable(rows(outages, mode))}`);
    console.log(`Processes that did not live through it: ${restarted.length}`);
    if (options.json) await writeOutcome(options.json, outcome);
    const mayRestart = options.isSilent && options.outageParts.includes("postgres");
    const isRight = isUpheld(outcome) && (mayRestart || restarted.length === 0) && outages.every(isEndured);
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

type Endure = Pick<ChaosOptions, "seed" | "outageRate"> & { part: OutagePart; mode: Mode; forMs: number };

/** Orders a thing so many times a second, asked once each, from before the outage until some time after it. */
async function endure(system: ChaosSystem, crowd: Crowd, options: Endure): Promise<Outage> {
  const { part, mode, seed, outageRate, forMs } = options;
  const probes: Probe[] = [];
  const startedAt = performance.now();
  const [fromMs, toMs] = [calmMs, calmMs + forMs];
  const open: Promise<void>[] = [];
  const proxy = system.proxies[part];
  setTimeout(() => void proxy.setMode(mode), fromMs);
  setTimeout(() => void (mode === "stall" ? proxy.forget() : proxy.setMode("pass")), toMs);
  for (let n = 0; performance.now() - startedAt < toMs + recoveryMs; n++) {
    open.push(
      probe(crowd, `chaos ${seed}-${part}-${n}`, (answer, atMs) => probes.push({ answer, atMs: atMs - startedAt })),
    );
    await Bun.sleep(Math.max(0, startedAt + ((n + 1) * 1_000) / outageRate - performance.now()));
  }
  await Promise.all(open);
  return { part, mode, probes, fromMs, toMs };
}

async function probe(crowd: Crowd, mark: string, note: (answer: Answer<unknown>, atMs: number) => void): Promise<void> {
  const [account] = crowd.customers;
  if (!account) throw new Error("a probe needs an account");
  const lines = [{ sku: canarySku, quantity: 1 }];
  const request = { idempotencyKey: crypto.randomUUID(), lines, shippingAddress: addressOf(mark) };
  const atMs = performance.now();
  note(await place(crowd, { account, mark, request, maxTries: 1 }), atMs);
}

function isEndured({ part, mode, probes, fromMs, toMs }: Outage): boolean {
  const during = probes.filter(({ atMs }) => atMs > fromMs && atMs < toMs);
  const accepted = during.filter(({ answer }) => answer.kind === "accepted").length;
  const isBackAtTheEnd = probes.at(-1)?.answer.kind === "accepted";
  const slowest = Math.max(0, ...during.map(({ answer }) => answer.elapsedMs));
  return isBackAtTheEnd && (part === "broker" ? accepted === during.length : slowest < fastFailureMs[mode]);
}

function rows(outages: Outage[], mode: Mode): string[][] {
  const header = [
    mode === "stall" ? "silent" : "away",
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
