import type { Launch } from "../embedded/launch.ts";
import { sendSignal, startMark } from "../embedded/process-state.ts";
import { type RunFile, writeRunFile } from "./run-file.ts";
import { createSupervisedProcess, type SupervisedProcess } from "./supervised-process.ts";
import type { UpLog } from "./up-log.ts";

export type ProcessSpec = {
  name: string;
  launch: () => Launch | Promise<Launch>;
  /** Puts the pid where the run file has it. */
  record: (run: RunFile, pid: number) => void;
  /** Lines that would only drown the others. */
  isNoise?: (line: string) => boolean;
  stopSignal?: NodeJS.Signals;
  stopTimeoutMs?: number;
};

/** With the waits between them, some six seconds of trying. */
const maxVainStarts = 6;
const saveAgainMs = 1_000;

/** All processes of this run. The run file follows each start, so that a killed supervisor leaves a true account. */
export function createProcessSet(run: RunFile, log: UpLog, save = writeRunFile) {
  const members = new Map<string, SupervisedProcess>();
  let isStopping = false;
  let savingAgain: ReturnType<typeof setTimeout> | undefined;

  /** A full disk ends nothing that runs: the account is written as soon as it can be. */
  function saveOrTryAgain(): void {
    clearTimeout(savingAgain);
    const hasFailedBefore = savingAgain !== undefined;
    savingAgain = undefined;
    try {
      save(run);
    } catch (error) {
      if (!hasFailedBefore) log.say(`the run file cannot be written, trying on (${error})`);
      if (!isStopping) savingAgain = setTimeout(saveOrTryAgain, saveAgainMs);
    }
  }

  function recordStart(spec: ProcessSpec, pid: number): void {
    spec.record(run, pid);
    const others = run.processes.filter((process) => process.name !== spec.name);
    run.processes = [...others, { name: spec.name, pid, startMark: startMark(pid) }];
    saveOrTryAgain();
  }

  async function start(spec: ProcessSpec): Promise<SupervisedProcess> {
    const { name, launch, isNoise, stopSignal, stopTimeoutMs } = spec;
    const show = log.from(name);
    const member = createSupervisedProcess({
      name,
      launch,
      onLine: (line) => {
        if (!isNoise?.(line)) show(line);
      },
      onStart: (pid) => recordStart(spec, pid),
      onExit: (reason, retryInMs) => log.say(`${name} ended (${reason}); starting it again in ${retryInMs} ms`),
      ...(stopSignal ? { stopSignal } : {}),
      ...(stopTimeoutMs ? { stopTimeoutMs } : {}),
    });
    members.set(name, member);
    if (!isStopping) await member.start();
    return member;
  }

  /** Stops each group at once, and the groups one after another. What was never started is passed over. */
  async function stopInOrder(groups: string[][]): Promise<void> {
    isStopping = true;
    clearTimeout(savingAgain);
    for (const group of groups) await Promise.all(group.map((name) => members.get(name)?.stop()));
  }

  /** For a second Ctrl-C: no draining. PostgreSQL alone is asked, since it keeps what it promised either way. */
  function killAll(): void {
    for (const member of members.values()) {
      if (member.pid > 0) sendSignal(member.pid, member.name === "postgres" ? "SIGINT" : "SIGKILL");
    }
  }

  /** True when some process has been started again and again: waiting for it is in vain. */
  const isHopeless = () => [...members.values()].some((member) => member.starts > maxVainStarts);

  return { run, isHopeless, start, stopInOrder, killAll, save: saveOrTryAgain };
}

export type ProcessSet = ReturnType<typeof createProcessSet>;
