import type { Subprocess } from "bun";
import { favourSession, inBackground, yieldSession } from "../embedded/background.ts";
import type { Launch } from "../embedded/launch.ts";
import { stopProcess } from "../embedded/process-state.ts";
import { readLines } from "./read-lines.ts";

export type SupervisedOptions = {
  name: string;
  /** Asked before every start, so that it can clear what the last one left. */
  launch: () => Launch | Promise<Launch>;
  onLine: (line: string) => void;
  /** Throws nothing: it would count as a start that failed, and the process be started a second time. */
  onStart: (pid: number) => void;
  onExit?: (reason: string, retryInMs: number) => void;
  stopSignal?: NodeJS.Signals;
  stopTimeoutMs?: number;
};

export type SupervisedProcess = {
  name: string;
  readonly pid: number;
  readonly starts: number;
  start(): Promise<void>;
  stop(): Promise<void>;
};

const firstBackoffMs = 100;
const maxBackoffMs = 5_000;
/** A clean end after this long is a restart that somebody asked for by SIGTERM: nothing to wait for. */
const startedAfterMs = 1_000;
/** Alive this long, a process counts as well again, and its next end is forgiven like a first. */
const healthyAfterMs = 10_000;

/** A process that is started again whenever it ends, until it is stopped. After a failure it waits, from 100 ms doubling to 5 s. */
export function createSupervisedProcess(options: SupervisedOptions): SupervisedProcess {
  let child: Subprocess<"ignore", "pipe", "pipe"> | undefined;
  let [starts, backoffMs, isStopping] = [0, firstBackoffMs, false];
  let retry: ReturnType<typeof setTimeout> | undefined;

  async function start(): Promise<void> {
    const { command, cwd, env, user, isBackground, isFavoured } = await options.launch();
    if (isStopping) return;
    const startedAt = Date.now();
    const started = Bun.spawn(isBackground ? inBackground(command) : command, {
      cwd,
      env,
      ...user,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true, // Ctrl-C reaches the supervisor alone, which then stops them in the right order.
    });
    child = started;
    starts += 1;
    for (const stream of [started.stdout, started.stderr]) void readLines(stream, options.onLine);
    void started.exited.then(() => ended(started, Date.now() - startedAt));
    if (isBackground) yieldSession(started.pid);
    if (isFavoured) favourSession(started.pid);
    options.onStart(started.pid);
  }

  function ended(process: Subprocess, aliveMs: number): void {
    if (isStopping) return;
    if (aliveMs >= healthyAfterMs) backoffMs = firstBackoffMs;
    if (process.exitCode === 0 && aliveMs >= startedAfterMs) again("stopped as it was told", 0);
    else again(`${process.signalCode ?? `exit code ${process.exitCode}`}`);
  }

  function again(reason: string, waitMs = backoffMs): void {
    options.onExit?.(reason, waitMs);
    retry = setTimeout(() => void start().catch((error: Error) => again(error.message)), waitMs);
    if (waitMs > 0) backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
  }

  async function stop(): Promise<void> {
    isStopping = true;
    clearTimeout(retry);
    if (child) await stopProcess(child.pid, options.stopSignal ?? "SIGTERM", options.stopTimeoutMs ?? 10_000);
  }

  return {
    name: options.name,
    get pid() {
      return child?.pid ?? 0;
    },
    get starts() {
      return starts;
    },
    start,
    stop,
  };
}
