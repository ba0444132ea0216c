import { afterEach, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, sendSignal, startMark } from "../embedded/process-state.ts";
import { eventually } from "../testing/eventually.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { endLeftovers } from "./leftovers.ts";
import { createProcessSet, type ProcessSet, type ProcessSpec } from "./process-set.ts";
import { type RunFile, readRunFile, writeRunFile } from "./run-file.ts";

const folder = temporaryFolder();
const runFile = join(folder, "run.json");
const said: string[] = [];
const log = {
  from: (name: string) => (line: string) => said.push(`${name}: ${line}`),
  say: (text: string) => said.push(text),
};
let open: ProcessSet | undefined;

afterEach(async () => {
  await open?.stopInOrder([["first", "second", "doomed"]]);
  rmSync(runFile, { force: true });
  said.length = 0;
});

function emptyRun(): RunFile {
  return {
    supervisor: { pid: process.pid, startMark: startMark(process.pid) },
    services: [],
    postgres: { pid: 0, url: "" },
    broker: { kind: "external", pid: 0, url: "" },
    mailbox: { pid: 0, url: "", smtpUrl: "" },
    demo: { customer: { email: "", password: "" }, operator: { email: "", password: "" } },
    processes: [],
  };
}

function aSpec(name: string, script: string): ProcessSpec {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, script);
  return {
    name,
    launch: () => ({ command: [process.execPath, file], cwd: folder, env: {} }),
    record: (run, pid) => {
      run.services = [{ name, instance: name, pid, url: "" }];
    },
  };
}

const patient = 'console.log("here");\nsetInterval(() => {}, 1_000);\n';
const stubborn = 'process.on("SIGTERM", () => {});\nconsole.log("here");\nsetInterval(() => {}, 1_000);\n';

function openSet(): ProcessSet {
  open = createProcessSet(emptyRun(), log, (run) => writeRunFile(run, runFile));
  return open;
}

function recordedPid(): number {
  return readRunFile(runFile)?.services[0]?.pid ?? 0;
}

test("a killed process comes back, and the run file names its new pid", async () => {
  await openSet().start(aSpec("first", patient));
  await eventually(() => said.includes("first: here"));
  const killed = recordedPid();
  sendSignal(killed, "SIGKILL");
  await eventually(() => recordedPid() !== killed && isAlive(recordedPid()));
  expect(said).toContain("first ended (SIGKILL); starting it again in 100 ms");
  await eventually(() => said.filter((line) => line === "first: here").length === 2);
});

test("a process that was told to stop comes back at once", async () => {
  const polite = 'process.on("SIGTERM", () => process.exit(0));\n';
  const startedAtMs = performance.now();
  await openSet().start(aSpec("first", polite + patient));
  await eventually(() => said.includes("first: here"));
  const asked = recordedPid();
  // Only a process that has run for a second counts as one that was told: sooner it is one that cannot stay.
  await eventually(() => performance.now() - startedAtMs > 1_100);
  sendSignal(asked, "SIGTERM");
  await eventually(() => recordedPid() !== asked && isAlive(recordedPid()));
  expect(said).toContain("first ended (stopped as it was told); starting it again in 0 ms");
});

test("the waits between starts double", async () => {
  await openSet().start(aSpec("doomed", "process.exit(3);\n"));
  await eventually(() => said.some((line) => line.includes("400 ms")));
  const endings = said.filter((line) => line.startsWith("doomed ended"));
  expect(endings).toEqual([100, 200, 400].map((ms) => `doomed ended (exit code 3); starting it again in ${ms} ms`));
});

test("a stopped process stays stopped, and one that does not listen is killed", async () => {
  const processes = openSet();
  await processes.start({ ...aSpec("first", stubborn), stopTimeoutMs: 100 });
  await eventually(() => said.includes("first: here"));
  const pid = recordedPid();
  await processes.stopInOrder([["first"]]);
  expect(isAlive(pid)).toBe(false);
  await Bun.sleep(250);
  expect(recordedPid()).toBe(pid);
});

test("a run file that cannot be written starts nothing twice, and is written once it can be", async () => {
  const gone = join(folder, "gone");
  mkdirSync(gone);
  open = createProcessSet(emptyRun(), log, (run) => writeRunFile(run, join(gone, "run.json")));
  const first = await open.start(aSpec("first", patient));
  await eventually(() => said.includes("first: here"));
  rmSync(gone, { recursive: true });
  sendSignal(first.pid, "SIGKILL");
  await eventually(() => said.filter((line) => line === "first: here").length === 2);
  await open.start(aSpec("second", patient));
  await eventually(() => said.includes("second: here"));
  mkdirSync(gone);
  await eventually(() => readRunFile(join(gone, "run.json"))?.processes.length === 2);
  const recorded = readRunFile(join(gone, "run.json"))?.processes.find(({ name }) => name === "first");
  expect([recorded?.pid, first.starts]).toEqual([first.pid, 2]);
  expect(said.filter((line) => line.startsWith("the run file cannot be written"))).toHaveLength(1);
});

test("what a killed supervisor left is ended, and a stranger with the same pid is spared", async () => {
  const left = Bun.spawn(["sleep", "60"]);
  const stranger = Bun.spawn(["sleep", "60"]);
  const run = emptyRun();
  run.processes = [
    { name: "order-1", pid: left.pid, startMark: startMark(left.pid) },
    { name: "inventory-1", pid: stranger.pid, startMark: "of an earlier process" },
  ];
  writeRunFile(run, runFile);
  expect(await endLeftovers(runFile)).toEqual(["order-1"]);
  expect([isAlive(left.pid), isAlive(stranger.pid)]).toEqual([false, true]);
  expect(readRunFile(runFile)).toBeUndefined();
  stranger.kill();
});
