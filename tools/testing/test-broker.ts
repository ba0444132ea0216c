import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { brokerUserNames, brokerUsers } from "@orderflow/infra/broker/broker-users";
import type { Subprocess } from "bun";
import { type BrokerKind, findMosquitto, prepareBroker } from "../embedded/broker.ts";
import { freePort, opens } from "../embedded/ports.ts";
import { isAlive, stopProcess } from "../embedded/process-state.ts";
import { stateFolder } from "../embedded/repository-root.ts";

export type TestBroker = {
  kind: BrokerKind;
  port: number;
  pid: number;
  /** The address with the credentials of a service, or of `observer`, which reads everything. */
  urlFor(user: string): string;
  /** kill -9: what the broker held in memory is gone. */
  kill(): Promise<void>;
  /** Comes back on the same port. Nothing of before is left: the broker keeps nothing on disk. */
  restart(): Promise<void>;
  /** Kills it and brings it back empty. */
  wipe(): Promise<void>;
  stop(): Promise<void>;
};

export function hasMosquitto(): boolean {
  return findMosquitto() !== null;
}

/** A broker of its own process on a free port, with the users and rights of `bun run up`. */
export async function createTestBroker({ kind }: { kind: BrokerKind }): Promise<TestBroker> {
  const port = await freePort();
  const folder = join(stateFolder, "test", `broker-${process.pid}-${port}`);
  const passwords = Object.fromEntries(brokerUserNames.map((name) => [name, randomBytes(12).toString("hex")]));
  const launch = prepareBroker({ kind, folder, port, users: brokerUsers(passwords) });
  let child = await start();

  async function start(): Promise<Subprocess> {
    const { command, ...options } = launch;
    const started = Bun.spawn(command, {
      ...options,
      ...options.user,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    if (await opens(port, 10_000, () => !isAlive(started.pid))) return started;
    throw new Error(`${kind} did not open port ${port}`);
  }
  const kill = () => stopProcess(child.pid, "SIGKILL", 2_000);
  const restart = async () => {
    child = await start();
  };
  return {
    kind,
    port,
    get pid() {
      return child.pid;
    },
    urlFor: (user) => `mqtt://${user}:${passwords[user]}@127.0.0.1:${port}`,
    kill,
    restart,
    wipe: () => kill().then(restart),
    stop: async () => {
      await stopProcess(child.pid, "SIGTERM", 3_000);
      for (const path of new Set([folder, launch.cwd])) rmSync(path, { recursive: true, force: true });
    },
  };
}
