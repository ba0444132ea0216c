import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "../../infra/private-file.ts";
import { stateFolder } from "../embedded/repository-root.ts";
import type { DemoAccounts } from "./secrets.ts";

/** What runs now, for people, scripts and `down`. Rewritten whenever a pid changes. */
export type RunFile = {
  supervisor: { pid: number; startMark: string };
  readyAt?: string;
  services: { name: string; instance: string; pid: number; url: string }[];
  /** The pid is 0 for what `up` did not start itself. */
  postgres: { pid: number; url: string };
  broker: { kind: "mosquitto" | "aedes" | "external"; pid: number; url: string };
  mailbox: { pid: number; url: string; smtpUrl: string };
  demo: DemoAccounts;
  processes: StartedProcess[];
};

/** A pid alone says little: it is used again. The mark of its start makes it one process for ever. */
export type StartedProcess = { name: string; pid: number; startMark: string };

export const runFilePath = join(stateFolder, "run.json");

export function readRunFile(path = runFilePath): RunFile | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as RunFile) : undefined;
}

export function writeRunFile(run: RunFile, path = runFilePath): void {
  writePrivateFile(path, `${JSON.stringify(run, null, 2)}\n`);
}

export function removeRunFile(path = runFilePath): void {
  rmSync(path, { force: true });
}
