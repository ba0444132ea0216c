import { readdirSync, readFileSync } from "node:fs";
import { useOf } from "../support/process-use.ts";

/** What a part holds in memory, and the CPU it has used since it began. */
export type PartUse = { memoryMb: number; cpuMs: number };

const msPerTick = 10;

/** Of each part; PostgreSQL together with its backends. */
export async function useOfParts({ postgres, ...pids }: Record<string, number>): Promise<Record<string, PartUse>> {
  const uses = await useOf(pids);
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

type Stat = { parent: number; cpuMs: number; endedChildrenCpuMs: number };

/** Fields of proc(5): after the name, which may hold spaces, state is field 3. All 0 for a process that is gone. */
function readStat(pid: number): Stat {
  const stat = readProc(pid, "stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = (field: number) => Number(fields[field - 3] ?? 0);
  return {
    parent: ticks(4),
    cpuMs: (ticks(14) + ticks(15)) * msPerTick,
    endedChildrenCpuMs: (ticks(16) + ticks(17)) * msPerTick,
  };
}

function memoryOf(pid: number, pattern: RegExp): number {
  return Number(pattern.exec(readProc(pid, "smaps_rollup"))?.[1] ?? 0);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
