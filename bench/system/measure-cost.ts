import { readdirSync } from "node:fs";
import { readProc, readStat, useOf } from "../support/process-use.ts";

/** What a part holds in memory, and the CPU it has used since it began. */
export type PartUse = { memoryMb: number; cpuMs: number };

/** Of each part; PostgreSQL together with its backends. */
export function useOfParts({ postgres, ...pids }: Record<string, number>): Record<string, PartUse> {
  const uses = useOf(pids);
  const parts = Object.entries(uses).map(([name, { memoryKb, cpuMs }]) => [
    name,
    { memoryMb: memoryKb / 1_024, cpuMs },
  ]);
  return { ...Object.fromEntries(parts), postgres: useOfPostgres(postgres ?? 0) };
}

/** Its memory is shared, so that each backend counts with what it holds of its own. */
function useOfPostgres(postmaster: number): PartUse {
  const own = readStat(postmaster);
  // Backends that ended are counted by their parent, those that live by themselves.
  let cpuMs = own.cpuMs + own.endedChildrenCpuMs;
  let memoryKb = memoryOf(postmaster, /Pss:\s+(\d+)/);
  for (const pid of childrenOf(postmaster)) {
    cpuMs += readStat(pid).cpuMs;
    memoryKb += memoryOf(pid, /Pss:\s+(\d+)/);
  }
  return { memoryMb: memoryKb / 1_024, cpuMs };
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.filter((pid) => readStat(pid).parent === parent);
}

function memoryOf(pid: number, pattern: RegExp): number {
  return Number(pattern.exec(readProc(pid, "smaps_rollup"))?.[1] ?? 0);
}
