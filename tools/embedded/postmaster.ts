import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { commandLine, haveEnded, isAlive, processesIn, sendSignal } from "./process-state.ts";

/** The postmaster that serves this data folder now, whoever started it. */
export function runningPostmaster(dataFolder: string): { pid: number; port: number } | undefined {
  const pidFile = join(dataFolder, "postmaster.pid");
  if (!existsSync(pidFile)) return undefined;
  const lines = readFileSync(pidFile, "utf8").split("\n");
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  // A recycled pid is somebody else's process, whatever the file says.
  const isOurs = isAlive(pid) && commandLine(pid).includes(dataFolder);
  return isOurs ? { pid, port } : undefined;
}

/**
 * Clears what a killed postmaster left: its children, which keep the shared memory and would refuse a successor,
 * and its pid file, which blocks a start when the number belongs to a zombie or to somebody else.
 */
export async function clearDeadPostmaster(dataFolder: string): Promise<void> {
  if (runningPostmaster(dataFolder)) return;
  const orphans = processesIn(dataFolder).filter((pid) => commandLine(pid).startsWith("postgres:"));
  if (!(await haveEnded(orphans, 500))) {
    for (const pid of orphans) sendSignal(pid, "SIGKILL");
    await haveEnded(orphans, 2_000);
  }
  rmSync(join(dataFolder, "postmaster.pid"), { force: true });
}
