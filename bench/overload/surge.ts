import { availableParallelism } from "node:os";
import { join } from "node:path";
import { quantilesOf } from "../system/quantiles.ts";
import type { OpenLoopReport, OpenLoopTask, PhaseReport } from "./open-loop.ts";
import type { OverloadOptions } from "./overload-options.ts";
import { isAuditClean, measurePlacing, type Shop, withShop } from "./shop.ts";
import { type PartOutcome, verdict } from "./verdict.ts";
import { watchMemory } from "./watch-memory.ts";

const warmUp = { clients: 32, warmUpMs: 10_000, measureMs: 1_000 };
/** With no limit, which might refuse some of so many clients: the peak is what could be taken. */
const unlimited = { LATENCY_TARGET_MS: "0" };
const peakPace = { clients: 128, warmUpMs: 10_000, measureMs: 10_000 };
const afterMs = 8_000;
const maxConnections = 8_000;
/** Of a service. */
const maxMemoryMb = 600;
const bounds = { usefulShare: 0.8, shedMs: 50, acceptedMs: 1_000, recoveryS: 1 };

/** Orders come at several times the rate that the system takes, whatever becomes of those before; then at half of it. */
export async function runSurge({ seconds, times }: OverloadOptions): Promise<PartOutcome> {
  const peak = await withShop(unlimited, (shop) => measurePlacing(shop, peakPace));
  return withShop({}, async (shop) => {
    await measurePlacing(shop, warmUp);
    const pids = await shop.bench.pids();
    const memoryOf = watchMemory(pids);
    const { phases, connections } = await openLoop({
      gateway: shop.bench.system.gateway,
      tokens: await shop.customers.tokens(),
      seed: 7,
      phases: [
        { ordersPerS: Math.round(peak.ordersPerS * times), ms: seconds * 1_000 },
        { ordersPerS: Math.round(peak.ordersPerS / 2), ms: afterMs },
      ],
      maxConnections,
    });
    const [during, after] = phases;
    if (!during || !after) throw new Error("the load ended before its time");
    return judge(shop, { peak, during, after, connections, memoryMb: await memoryOf() });
  });
}

async function openLoop(task: OpenLoopTask): Promise<OpenLoopReport> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "open-loop.ts")], {
    stdin: new Blob([JSON.stringify(task)]),
    stdout: "pipe",
    stderr: "inherit",
  });
  const printed = await new Response(child.stdout).text();
  return JSON.parse(printed.trim().split("\n").at(-1) ?? "");
}

type Measured = {
  peak: Awaited<ReturnType<typeof measurePlacing>>;
  during: PhaseReport;
  after: PhaseReport;
  connections: number;
  memoryMb: Record<string, number>;
};

async function judge(shop: Shop, { peak, during, after, connections, memoryMb }: Measured): Promise<PartOutcome> {
  const usefulPerS = (during.accepted * 1_000) / during.elapsedMs;
  const loadCpu = during.cpuMs / during.elapsedMs;
  const cores = availableParallelism();
  const [shed, accepted, late] = [during.shedMs, during.acceptedMs, during.lateMs].map(quantilesOf);
  const failed = Object.values(during.failed).reduce((sum, count) => sum + count, 0);
  const { postgres: _, ...services } = memoryMb;
  const verdicts = [
    verdict("failed while the peak was measured", peak.failed, { atMost: 0 }),
    verdict("useful orders, of the peak", usefulPerS / peak.ordersPerS, { atLeast: bounds.usefulShare }),
    verdict("refused within, p99", shed?.p99 ?? 0, { atMost: bounds.shedMs, unit: " ms" }),
    verdict("refused without Retry-After", during.silent, { atMost: 0 }),
    verdict("neither accepted nor refused", failed + during.unsent, { atMost: 0 }),
    verdict("accepted within, p99", accepted?.p99 ?? 0, { atMost: bounds.acceptedMs, unit: " ms" }),
    verdict("most memory of a service", Math.max(...Object.values(services)), { atMost: maxMemoryMb, unit: " MB" }),
    verdict("last second with a refusal, at half the peak", lastRefusalS(after), { atMost: bounds.recoveryS }),
    verdict("audit violated", (await isAuditClean(shop)) ? 0 : 1, { atMost: 0 }),
  ];
  const figures = {
    ...{ peak, usefulPerS, offeredPerS: (during.sent * 1_000) / during.elapsedMs, accepted, shed, late },
    ...{ loadCpu, usefulOfCpuLeft: usefulPerS / (cores - loadCpu) / (peak.ordersPerS / (cores - peak.loadCpu)) },
    ...{ counts: { ...during, acceptedMs: undefined, shedMs: undefined, lateMs: undefined }, connections, memoryMb },
    after: { accepted: quantilesOf(after.acceptedMs), seconds: after.seconds },
  };
  return { part: "surge", verdicts, figures };
}

/** 1 is the first; 0 when none was refused. */
function lastRefusalS({ seconds }: PhaseReport): number {
  return seconds.findLastIndex(({ shed, failed }) => shed + failed > 0) + 1;
}
