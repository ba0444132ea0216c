import { readFileSync } from "node:fs";

/** What a process holds in memory now, and the CPU it has used since it began. */
export type Use = { memoryKb: number; cpuMs: number };

const msPerTick = 10;

/** Of these processes, by name. Reads /proc: Linux only. Throws when one is gone. */
export function useOf(pids: Record<string, number>): Record<string, Use> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, useOfOne(pid)]));
}

function useOfOne(pid: number): Use {
  const memory = /VmRSS:\s+(\d+)/.exec(readProc(pid, "status"))?.[1];
  if (memory === undefined) throw new Error(`The process ${pid} is gone`);
  return { memoryKb: Number(memory), cpuMs: readStat(pid).cpuMs };
}

type Stat = { parent: number; cpuMs: number; endedChildrenCpuMs: number };

/** Fields of proc(5): after the name, which may hold spaces, state is field 3. All 0 for a process that is gone. */
export function readStat(pid: number): Stat {
  const stat = readProc(pid, "stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = (field: number) => Number(fields[field - 3] ?? 0);
  return {
    parent: ticks(4),
    cpuMs: (ticks(14) + ticks(15)) * msPerTick,
    endedChildrenCpuMs: (ticks(16) + ticks(17)) * msPerTick,
  };
}

/** A file of the process in /proc; empty when it is gone. */
export function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** Milliseconds of CPU, by name. */
export type Cost = Record<string, number>;

export function costOf(before: Record<string, Use>, after: Record<string, Use>): Cost {
  return Object.fromEntries(
    Object.entries(after).map(([name, { cpuMs }]) => [name, cpuMs - (before[name]?.cpuMs ?? 0)]),
  );
}
