import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { forgetState } from "../supervisor/fresh-start.ts";
import { partPorts } from "../supervisor/instances.ts";
import type { RunFile } from "../supervisor/run-file.ts";
import { freeStablePorts } from "./stable-ports.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

const readyTimeoutMs = 120_000;
const stopTimeoutMs = 60_000;
/** Of the parts, and of all instances. */
const usedPorts = 40;

/** The whole system in a state folder of its own, with a proxy before each part that its services talk to. */
export type ChaosSystem = {
  state: string;
  gateway: string;
  mailbox: string;
  proxies: Record<"postgres" | "broker" | "smtp", TcpProxy>;
  run(): Promise<RunFile>;
  /** All that the processes wrote so far. */
  log(): Promise<string>;
  stop(options: { keepsState: boolean }): Promise<void>;
};

export async function startChaosSystem(options: string[]): Promise<ChaosSystem> {
  const state = await mkdtemp(join(tmpdir(), "orderflow-chaos-"));
  const portBase = await freeStablePorts(usedPorts);
  const ports = partPorts(portBase);
  const proxies = {
    postgres: await openTcpProxy(ports.postgres),
    broker: await openTcpProxy(ports.broker),
    smtp: await openTcpProxy(ports.smtp),
  };
  const through = Object.entries(proxies).flatMap(([part, { port }]) => ["--through", `${part}=${port}`]);
  const command = ["tools/commands/up.ts", "--port-base", String(portBase), ...through, ...options];
  const logFile = join(state, "chaos-up.log");
  const up = Bun.spawn([process.execPath, ...command], {
    cwd: repositoryRoot,
    env: { ...ownEnvironment(), ORDERFLOW_STATE: state, NO_COLOR: "1", MAILBOX_CAPACITY: "1000000" },
    stdin: "ignore",
    stdout: Bun.file(logFile),
    stderr: Bun.file(join(state, "chaos-up.err")),
    detached: true, // Ctrl-C stops the chaos, which then stops it in order.
  });
  const run = async (): Promise<RunFile> => await Bun.file(join(state, "run.json")).json();
  const log = () => Bun.file(logFile).text();

  async function stop({ keepsState }: { keepsState: boolean }): Promise<void> {
    up.kill("SIGTERM");
    const killing = setTimeout(() => up.kill("SIGKILL"), stopTimeoutMs);
    await up.exited;
    clearTimeout(killing);
    await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
    if (keepsState) return;
    forgetState(state); // What its servers could not keep in there lies elsewhere.
    await rm(state, { recursive: true, force: true });
  }

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void stop({ keepsState: false }).finally(() => process.exit(130)));
  }
  const deadline = Date.now() + readyTimeoutMs;
  while (!(await run().catch(() => undefined))?.readyAt) {
    if (up.exitCode === null && Date.now() < deadline) {
      await Bun.sleep(100);
      continue;
    }
    const problem = `${(await log()).split("\n").slice(-30).join("\n")}\n${await Bun.file(join(state, "chaos-up.err")).text()}`;
    await stop({ keepsState: false });
    throw new Error(`The system did not get ready:\n${problem}`);
  }
  const { services, mailbox } = await run();
  const gateway = services.find(({ name }) => name === "gateway")?.url ?? "";
  return { state, gateway, mailbox: mailbox.url, proxies, run, log, stop };
}

/** The databases and brokers of whoever calls are none of this system's. */
function ownEnvironment(): Record<string, string | undefined> {
  const foreign = /DATABASE_URL$|^MQTT_URL$|^SMTP_URL$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
