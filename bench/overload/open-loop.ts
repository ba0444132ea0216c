import { createRandom } from "@orderflow/tools/chaos/seeded-random";
import { openHttpConnection } from "../system/http-connection.ts";
import { placeRequest } from "../system/place-request.ts";

/** What the load process is told, on its standard input. */
export type OpenLoopTask = {
  gateway: string;
  /** Each connection takes one of them in turn. */
  tokens: string[];
  seed: number;
  /** One after another. */
  phases: { ordersPerS: number; ms: number }[];
  /** What would need more than these is not sent, and counted. */
  maxConnections: number;
};

/** Of the orders that were sent in this second of the run. */
export type Second = { sent: number; accepted: number; shed: number; failed: number };

/** What it says at the end, as one line of JSON; before that, `phase N` when a phase begins and `over`. */
export type OpenLoopReport = { phases: PhaseReport[]; connections: number };
export type PhaseReport = {
  elapsedMs: number;
  sent: number;
  /** For want of a free connection. */
  unsent: number;
  accepted: number;
  /** Answered 429 or 503. */
  shed: number;
  /** Of these, without Retry-After. */
  silent: number;
  /** Answered otherwise, or not at all, by status; 0 is none. */
  failed: Record<string, number>;
  acceptedMs: number[];
  shedMs: number[];
  /** How late orders were sent, for want of CPU. */
  lateMs: number[];
  seconds: Second[];
  /** Of this process. */
  cpuMs: number;
};

const tickMs = 1;
const task: OpenLoopTask = await Bun.stdin.json();
const { hostname: host, port } = new URL(task.gateway);
const random = createRandom(task.seed);
const idle: ReturnType<typeof openHttpConnection>[] = [];
let connections = 0;
const underWay = new Set<Promise<void>>();

function freeConnection() {
  const free = idle.pop();
  if (free || connections >= task.maxConnections) return free;
  const headers = { authorization: `Bearer ${task.tokens[connections++ % task.tokens.length]}` };
  return openHttpConnection({ host, port: Number(port), headers });
}

async function place(connection: NonNullable<ReturnType<typeof freeConnection>>, phase: PhaseReport, second: Second) {
  const startedAt = performance.now();
  const answer = await connection.ask(placeRequest("uniform", random)).catch(() => ({ status: 0, retryAfterS: 0 }));
  const ms = Math.round((performance.now() - startedAt) * 100) / 100;
  idle.push(connection);
  if (answer.status === 200) {
    phase.accepted++;
    second.accepted++;
    phase.acceptedMs.push(ms);
  } else if (answer.status === 429 || answer.status === 503) {
    phase.shed++;
    second.shed++;
    phase.shedMs.push(ms);
    if (!answer.retryAfterS) phase.silent++;
  } else {
    phase.failed[answer.status] = (phase.failed[answer.status] ?? 0) + 1;
    second.failed++;
  }
}

function aPhase(): PhaseReport {
  const counts = { elapsedMs: 0, sent: 0, unsent: 0, accepted: 0, shed: 0, silent: 0, cpuMs: 0 };
  return { ...counts, failed: {}, acceptedMs: [], shedMs: [], lateMs: [], seconds: [] };
}

function secondOf({ seconds }: PhaseReport, elapsedMs: number): Second {
  const index = Math.floor(elapsedMs / 1_000);
  const second = seconds[index] ?? { sent: 0, accepted: 0, shed: 0, failed: 0 };
  seconds[index] = second;
  return second;
}

/** Orders fall due evenly, whatever becomes of those before. */
async function run({ ordersPerS, ms }: OpenLoopTask["phases"][number]): Promise<PhaseReport> {
  const phase = aPhase();
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const total = Math.floor((ordersPerS * ms) / 1_000);
  for (let due = 0; due < total; ) {
    const elapsedMs = performance.now() - startedAt;
    for (const until = Math.min(total, Math.floor((elapsedMs * ordersPerS) / 1_000)); due < until; due++) {
      const dueMs = (due * 1_000) / ordersPerS;
      const second = secondOf(phase, elapsedMs);
      const connection = freeConnection();
      if (!connection) {
        phase.unsent++;
        continue;
      }
      phase.sent++;
      second.sent++;
      phase.lateMs.push(Math.round((elapsedMs - dueMs) * 100) / 100);
      const placing = place(connection, phase, second).finally(() => underWay.delete(placing));
      underWay.add(placing);
    }
    await Bun.sleep(tickMs);
  }
  phase.elapsedMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  phase.cpuMs = (user + system) / 1_000;
  return phase;
}

const phases: PhaseReport[] = [];
for (const [index, phase] of task.phases.entries()) {
  console.log(`phase ${index}`);
  phases.push(await run(phase));
}
console.log("over");
await Promise.all(underWay);
for (const connection of idle) connection.close();
console.log(JSON.stringify({ phases, connections } satisfies OpenLoopReport));
