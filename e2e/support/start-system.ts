import { rm } from "node:fs/promises";
import { join } from "node:path";
import { answers } from "@orderflow/tools/embedded/ports";
import { serviceNames } from "@orderflow/tools/embedded/service-names";
import { forgetState } from "@orderflow/tools/supervisor/fresh-start";
import type { RunFile } from "@orderflow/tools/supervisor/run-file";
import { eventually } from "@orderflow/tools/testing/eventually";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { takePreparedState } from "./prepared-state.ts";

const root = join(import.meta.dir, "../..");
const readyTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;

/** The whole system, started as a user starts it, with a state folder and ports of its own. */
export type System = {
  gateway: string;
  mailbox: string;
  run(): Promise<RunFile>;
  /** What all its processes have said so far: lines of `<who>  <what>`. */
  log(): Promise<string>;
  /** One of the commands of this repository, against this system. */
  command(name: string, ...args: string[]): Promise<{ code: number; output: string }>;
  /** kill -9 of a service, by its name or that of one instance. Answers the process id that died. */
  kill(part: string): Promise<number>;
  stop(): Promise<void>;
};

export async function startSystem(...options: string[]): Promise<System> {
  const state = temporaryFolder();
  await takePreparedState(state, makeState);
  return startSystemIn(state, ...options);
}

/** Databases and secrets; no service runs. */
async function makeState(state: string): Promise<void> {
  const parts = await startSystemOn(state, ...serviceNames.flatMap((service) => ["--without", service]));
  await parts.stop();
}

/** The same of another checkout of this repository. */
export async function startSystemOf(checkout: string, ...options: string[]): Promise<System> {
  return start({ state: temporaryFolder(), checkout }, options);
}

/** The same in a state folder that is there already; it is removed at the end all the same. */
export function startSystemIn(state: string, ...options: string[]): Promise<System> {
  return start({ state, checkout: root }, options);
}

/** The same, and the folder stays: it is the caller's. */
export function startSystemOn(state: string, ...options: string[]): Promise<System> {
  return start({ state, checkout: root, isKept: true }, options);
}

type Place = { state: string; checkout: string; isKept?: boolean };

async function start({ state, checkout, isKept = false }: Place, options: string[]): Promise<System> {
  const portBase = await freePortBase();
  const up = Bun.spawn([process.execPath, "tools/commands/up.ts", "--port-base", String(portBase), ...options], {
    cwd: checkout,
    env: { ...process.env, ORDERFLOW_STATE: state, NO_COLOR: "1" },
    stdin: "ignore",
    stdout: Bun.file(join(state, "up.log")),
    stderr: Bun.file(join(state, "up.err")),
  });
  const run = async (): Promise<RunFile> => await Bun.file(join(state, "run.json")).json();
  const stop = async () => {
    up.kill("SIGTERM");
    const killing = setTimeout(() => up.kill("SIGKILL"), stopTimeoutMs);
    await up.exited;
    clearTimeout(killing);
    if (isKept) return;
    forgetState(state); // What its servers could not keep in there lies elsewhere.
    await rm(state, { recursive: true, force: true });
  };
  try {
    await eventually(async () => up.exitCode !== null || (await run()).readyAt !== undefined, {
      timeoutMs: readyTimeoutMs,
    });
    if (up.exitCode !== null) throw new Error(`up ended with ${up.exitCode}`);
  } catch (error) {
    for (const name of ["up.log", "up.err"]) console.error(await Bun.file(join(state, name)).text());
    await stop();
    throw error;
  }
  const pidOf = async (part: string): Promise<number> => {
    const { services, postgres, broker } = await run();
    if (part === "postgres") return postgres.pid;
    if (part === "broker") return broker.pid;
    const service = services.find(({ name, instance }) => name === part || instance === part);
    if (!service) throw new Error(`no ${part} is running`);
    return service.pid;
  };
  const { services, mailbox } = await run();
  const gateway = services.find(({ name }) => name === "gateway")?.url ?? "";
  return {
    gateway,
    mailbox: mailbox.url,
    run,
    log: () => Bun.file(join(state, "up.log")).text(),
    stop,
    command: (name, ...args) => runCommand({ state, checkout }, name, args),
    async kill(part) {
      const pid = await pidOf(part);
      process.kill(pid, "SIGKILL");
      await eventually(async () => (await pidOf(part)) !== pid, { timeoutMs: 15_000 });
      return pid;
    },
  };
}

type Ended = { code: number; output: string };

export function runCommandIn(state: string, name: string, ...args: string[]): Promise<Ended> {
  return runCommand({ state, checkout: root }, name, args);
}

async function runCommand({ state, checkout: cwd }: Place, name: string, args: string[]): Promise<Ended> {
  const child = Bun.spawn([process.execPath, `tools/commands/${name}.ts`, ...args], {
    cwd,
    env: { ...process.env, ORDERFLOW_STATE: state, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, output: stdout + stderr };
}

const firstPort = 10_000;
const lastPort = 32_000;
const portsTaken = 40;

/** A range of ports below those that systems give to outgoing connections: one of these may be taken at any moment. */
async function freePortBase(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const base = firstPort + Math.floor(Math.random() * (lastPort - firstPort - portsTaken));
    const offsets = [0, 1, 2, 3, 4, 5, 10, 11, 12, 20, 21, 22, 23, 24];
    const taken = await Promise.all(offsets.map((offset) => answers(base + offset)));
    if (!taken.includes(true)) return base;
  }
  throw new Error("no free range of ports was found");
}
