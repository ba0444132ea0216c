/** What a process holds in memory now, and the CPU it has used since it began. */
export type Use = { memoryKb: number; cpuMs: number };

const msPerTick = 10;

/** Of these processes, by name. Reads /proc: Linux only. */
export async function useOf(pids: Record<string, number>): Promise<Record<string, Use>> {
  const uses = await Promise.all(Object.entries(pids).map(async ([name, pid]) => [name, await useOfOne(pid)] as const));
  return Object.fromEntries(uses);
}

async function useOfOne(pid: number): Promise<Use> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  const stat = await Bun.file(`/proc/${pid}/stat`).text();
  // After the name, which may hold spaces: state is field 3, utime 14, stime 15 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    memoryKb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * msPerTick,
  };
}

/** Milliseconds of CPU, by name. */
export type Cost = Record<string, number>;

export function costOf(before: Record<string, Use>, after: Record<string, Use>): Cost {
  return Object.fromEntries(
    Object.entries(after).map(([name, { cpuMs }]) => [name, cpuMs - (before[name]?.cpuMs ?? 0)]),
  );
}
