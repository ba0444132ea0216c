import { writeFileSync } from "node:fs";

/** A quarter of what others get that want the processors as much: it must come to its turn under any load. */
const niceness = 5;

/** The command, started so that it leaves the processors to others that want them; as it is where there is no nice(1). */
export function inBackground(command: string[]): string[] {
  const nice = Bun.which("nice");
  return nice ? [nice, "-n", String(niceness), ...command] : command;
}

/** Does the same for the session of a process: Linux shares time among sessions first, where it groups by them (sched(7)). */
export function yieldSession(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // Another system, a kernel without groups, or a process that has ended: it only runs with the priority it has.
  }
}
