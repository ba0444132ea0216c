import { haveEnded, isAlive, sendSignal, startMark } from "../embedded/process-state.ts";
import { readRunFile, removeRunFile, type StartedProcess } from "./run-file.ts";

/**
 * Ends what a killed supervisor left running, services first and PostgreSQL last. A process is only touched when the
 * mark of its start is the recorded one. Returns the names of what was ended.
 */
export async function endLeftovers(path?: string): Promise<string[]> {
  const run = readRunFile(path);
  if (!run) return [];
  const left = run.processes.filter(isSameProcess);
  const postgres = left.filter((process) => process.name === "postgres");
  const others = left.filter((process) => process.name !== "postgres");
  await end(others, "SIGTERM", 5_000);
  await end(postgres, "SIGINT", 10_000);
  removeRunFile(path);
  return left.map((process) => process.name);
}

function isSameProcess({ pid, startMark: mark }: StartedProcess): boolean {
  return pid > 0 && isAlive(pid) && startMark(pid) === mark;
}

async function end(processes: StartedProcess[], signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  const pids = processes.map((process) => process.pid);
  for (const pid of pids) sendSignal(pid, signal);
  if (await haveEnded(pids, timeoutMs)) return;
  for (const pid of pids.filter(isAlive)) sendSignal(pid, "SIGKILL");
  await haveEnded(pids, 2_000);
}
