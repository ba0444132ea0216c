import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** A quarter of what others get that want the processors as much: it must come to its turn under any load. */
const niceness = 5;
/** Three times what others get: it takes little, and those it turns away must not wait behind those it took. */
const favour = -5;

/** The command, started so that it leaves the processors to others that want them; as it is where there is no nice(1). */
export function inBackground(command: string[]): string[] {
  const nice = Bun.which("nice");
  return nice ? [nice, "-n", String(niceness), ...command] : command;
}

/** Does the same for the session of a process: Linux shares time among sessions first, where it groups by them (sched(7)). */
export function yieldSession(pid: number): void {
  attempt(() => writeFileSync(`/proc/${pid}/autogroup`, String(niceness)));
}

/** Lets a process and its session have the processors before others. Only who may raise priorities can: others leave it as it is. */
export function favourSession(pid: number): void {
  attempt(() => setPriority(pid, favour));
  attempt(() => writeFileSync(`/proc/${pid}/autogroup`, String(favour)));
}

/** Another system, a kernel without groups, no right, or a process that has ended: it only runs with the priority it has. */
function attempt(change: () => void): void {
  try {
    change();
  } catch {
    return;
  }
}
