import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { type System, startSystem, startSystemOf, startSystemOn } from "../../e2e/support/start-system.ts";

/** The system that is measured, on production settings: durable commits, logs at info, tracing as it comes. */
export type BenchSystem = {
  system: System;
  /** By the name of the part: each service, broker and postgres. */
  pids(): Promise<Record<string, number>>;
  databaseUrl(service: string): Promise<string>;
  stop(): Promise<void>;
};

/** Far beyond the bench: what is measured ends when the order is confirmed, and a shop ships a day later. */
const carrierDelayMs = 86_400_000;

const settings = {
  CARRIER_DISPATCH_DELAY_MS: String(carrierDelayMs),
  // All clients come from one address, and sign in within a second.
  RATE_LIMIT_ADDRESS_PER_MINUTE: "0",
  AUTH_RATE_LIMIT_MAX: "0",
};

type Options = {
  /** Take the CPU profile of each service, there. */
  profiles?: string;
  /** Of a shop that is there already, and stays; a fresh one where it is not given. */
  state?: string;
  /** Another checkout of this repository, which is started fresh. */
  checkout?: string;
  env?: Record<string, string>;
};

export async function startBenchSystem({ profiles, state, checkout, env = {} }: Options): Promise<BenchSystem> {
  const extra = profiles ? await profiling(profiles) : {};
  const assignments = Object.entries({ ...settings, ...extra, ...env }).map(([name, value]) => `${name}=${value}`);
  const options = assignments.flatMap((each) => ["--env", each]);
  const system = await start({ state, checkout }, options);
  return {
    system,
    stop: system.stop,
    async pids() {
      const { services, broker, postgres: server, mailbox } = await system.run();
      const ofServices = Object.fromEntries(services.map(({ name, pid }) => [name, pid]));
      return { ...ofServices, mailbox: mailbox.pid, broker: broker.pid, postgres: server.pid };
    },
    async databaseUrl(service) {
      const url = new URL((await system.run()).postgres.url);
      url.pathname = `/orderflow_${service}`;
      return url.href;
    },
  };
}

async function profiling(folder: string): Promise<Record<string, string>> {
  const dir = resolve(folder);
  await mkdir(dir, { recursive: true });
  return { BUN_OPTIONS: `--cpu-prof --cpu-prof-dir=${dir}` };
}

function start(
  { state, checkout }: { state: string | undefined; checkout: string | undefined },
  options: string[],
): Promise<System> {
  if (state) return startSystemOn(state, ...options);
  return checkout ? startSystemOf(checkout, ...options) : startSystem(...options);
}
