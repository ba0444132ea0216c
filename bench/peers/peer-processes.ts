import { openSync } from "node:fs";
import { join } from "node:path";
import { baseEnvironment } from "@orderflow/tools/embedded/launch";
import { freePort, opens } from "@orderflow/tools/embedded/ports";
import { isAlive, stopProcess } from "@orderflow/tools/embedded/process-state";

type Environment = Record<string, string>;
/** What it listens at, which is free. */
type Command = (port: number) => { command: string[]; env?: Environment };

const readyTimeoutMs = 120_000;
const stopTimeoutMs = 15_000;

export type PeerProcesses = ReturnType<typeof createPeerProcesses>;

/** The processes of a shop, which work in its folder and log there, each under the name of its part. */
export function createPeerProcesses(folder: string) {
  const listening: { part: string; pid: number }[] = [];
  const logOf = (part: string) => join(folder, `${part}.log`);

  function spawn(part: string, command: string[], env: Environment) {
    const log = openSync(logOf(part), "w");
    return Bun.spawn(command, {
      ...{ cwd: folder, stdin: "ignore", stdout: log, stderr: log },
      env: { ...baseEnvironment(), NODE_ENV: "production", TZ: "UTC", ...env },
    });
  }

  return {
    /** To its end. Throws when it fails. */
    async run(part: string, command: string[], env: Environment): Promise<void> {
      const exitCode = await spawn(part, command, env).exited;
      if (exitCode !== 0) throw new Error(`${part} ended with ${exitCode}; its log is ${logOf(part)}`);
    },
    /** Answers the port that it listens at by then. */
    async listen(part: string, start: Command): Promise<number> {
      const port = await freePort();
      const { command, env = {} } = start(port);
      const { pid } = spawn(part, command, env);
      listening.push({ part, pid });
      if (await opens(port, readyTimeoutMs, () => !isAlive(pid))) return port;
      throw new Error(`${part} did not open its port; its log is ${logOf(part)}`);
    },
    pids: () => Object.fromEntries(listening.map(({ part, pid }) => [part, pid])),
    /** The last one first: it may need those before it to end well. */
    async stop(): Promise<void> {
      for (const { pid } of listening.reverse()) await stopProcess(pid, "SIGTERM", stopTimeoutMs);
    },
  };
}
