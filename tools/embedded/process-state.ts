import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** True while the process runs. A zombie counts as ended: nothing but its parent can take it away. */
export function isAlive(pid: number): boolean {
  if (process.platform === "linux") {
    const state = linuxStat(pid).slice(0, 1);
    if (state === "" || state === "X") return false;
    // A zombie whose threads are still ending keeps its sockets open until the last of them is gone.
    return state !== "Z" || threadCount(pid) > 1;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The fields of /proc/<pid>/stat behind the command's name, which may itself hold spaces; empty when it is gone. */
function linuxStat(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2);
  } catch {
    return "";
  }
}

function threadCount(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

/** The command line with its arguments joined by spaces; empty when the process is gone. */
export function commandLine(pid: number): string {
  if (process.platform !== "linux") {
    return Bun.spawnSync(["ps", "-o", "command=", "-p", String(pid)])
      .stdout.toString()
      .trim();
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

/** When the process started, as the system counts it. With the pid it names one process for ever. */
export function startMark(pid: number): string {
  if (process.platform !== "linux") {
    return Bun.spawnSync(["ps", "-o", "lstart=", "-p", String(pid)])
      .stdout.toString()
      .trim();
  }
  const fields = linuxStat(pid).split(" ");
  return fields[startTimeField] ?? "";
}

/** Counted behind the command's name: field 22 of proc(5). */
const startTimeField = 19;

/** Processes whose working folder is `folder` (Linux only; elsewhere none are found). */
export function processesIn(folder: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && workingFolder(pid) === folder);
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Waits until none of the processes runs. False when `timeoutMs` passed first. */
export async function haveEnded(pids: number[], timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (pids.some(isAlive)) {
    if (Date.now() > deadline) return false;
    await Bun.sleep(10);
  }
  return true;
}

/** Sends a signal; a process that is gone already is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Asks a process to end, and kills it when it has not within `timeoutMs`. */
export async function stopProcess(pid: number, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  sendSignal(pid, signal);
  if (await haveEnded([pid], timeoutMs)) return;
  sendSignal(pid, "SIGKILL");
  await haveEnded([pid], 2_000);
}
