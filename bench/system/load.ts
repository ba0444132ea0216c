import { createRandom } from "@orderflow/tools/chaos/seeded-random";
import type { Scenario } from "./bench-options.ts";
import type { Catalogue } from "./draw-lines.ts";
import { openHttpConnection } from "./http-connection.ts";
import { createShopper, type Step, type Taken } from "./shopper.ts";

/** What a load process is told, on its standard input. */
export type LoadTask = {
  gateway: string;
  /** Each client takes one of them in turn. */
  tokens: string[];
  scenario: Scenario;
  /** Products other than the scenario's own. */
  catalogue?: Catalogue;
  clients: number;
  seed: number;
  warmUpMs: number;
  measureMs: number;
  /** How long a client waits after each answer; not at all when absent. */
  thinkMs?: number;
};

/** What it says at the end, as one line of JSON; before that, `measuring` when the warm-up is over. */
export type LoadReport = {
  elapsedMs: number;
  accepted: number;
  refused: number;
  /** Answered 429 or 5xx, or not at all. */
  failed: number;
  steps: Partial<Record<Step, number>>;
  /** Of accepted orders alone, in ms, ascending. */
  placeMs: number[];
  /** Of this process, while it measured. */
  cpuMs: number;
};

const {
  gateway,
  tokens,
  scenario,
  catalogue,
  clients,
  seed,
  warmUpMs,
  measureMs,
  thinkMs = 0,
}: LoadTask = await Bun.stdin.json();
const { hostname: host, port } = new URL(gateway);
/** Who is told to come back later does, or refusals would be most of what is measured. */
const maxRetryAfterS = 3;
let endAt = Number.POSITIVE_INFINITY;
let isMeasuring = false;
const taken: Taken[] = [];
let failed = 0;

async function shop(index: number): Promise<void> {
  const headers = { authorization: `Bearer ${tokens[index % tokens.length]}` };
  const connection = openHttpConnection({ host, port: Number(port), headers });
  const watch = (orderId: string) => firstChange(orderId, headers);
  const shopper = createShopper(scenario, { connection, watch, random: createRandom(seed + index), catalogue });
  while (performance.now() < endAt) {
    const one = await shopper.step().catch(() => undefined);
    if (isMeasuring && (one?.isAccepted || one?.isRefused)) taken.push(one);
    else if (isMeasuring) failed += 1;
    const pauseMs = Math.max(thinkMs, Math.min(one?.retryAfterS ?? 0, maxRetryAfterS) * 1_000);
    if (pauseMs > 0) await Bun.sleep(pauseMs);
  }
  connection.close();
}

/** Opens the subscription and leaves it after its first event. */
async function firstChange(orderId: string, headers: Record<string, string>): Promise<void> {
  const input = encodeURIComponent(JSON.stringify({ orderId }));
  const leaving = new AbortController();
  const answer = await fetch(`${gateway}/trpc/order.watch?input=${input}`, {
    headers: { ...headers, accept: "text/event-stream" },
    signal: leaving.signal,
  });
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) if (decoder.decode(chunk).includes("data:")) break;
  leaving.abort();
}

const running = Array.from({ length: clients }, (_, index) => shop(index));
await Bun.sleep(warmUpMs);
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
isMeasuring = true;
console.log("measuring");
await Bun.sleep(measureMs);
isMeasuring = false;
const elapsedMs = performance.now() - startedAt;
const cpu = process.cpuUsage(cpuBefore);
console.log("measured");
endAt = 0;
await Promise.all(running);

const placed = taken.filter(({ step, isAccepted }) => step === "place" && isAccepted);
const steps: LoadReport["steps"] = {};
for (const { step } of taken) steps[step] = (steps[step] ?? 0) + 1;
const report: LoadReport = {
  elapsedMs,
  accepted: placed.length,
  refused: taken.filter(({ isRefused }) => isRefused).length,
  failed,
  steps,
  placeMs: placed.map(({ ms }) => Math.round(ms * 100) / 100).sort((a, b) => a - b),
  cpuMs: (cpu.user + cpu.system) / 1_000,
};
console.log(JSON.stringify(report));
