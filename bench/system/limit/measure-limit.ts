import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { createLimitShop } from "./limit-shop.ts";
import type { LoopTask } from "./own-loop.ts";
import { pgbenchScript } from "./pgbench-script.ts";

export type Limit = {
  /** With which the limit is measured. */
  tool: string;
  /** Orders per second that PostgreSQL takes one transaction each. */
  measure(options: { clients: number; isHot: boolean; seconds: number }): Promise<number>;
};

const database = "orderflow_limit";
const warmUpSeconds = 1;

/** On the very server that the system uses, in a database of its own, made anew. */
export async function createLimit(adminUrl: string): Promise<Limit> {
  const url = new URL(adminUrl);
  const admin = postgres(adminUrl, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`drop database if exists ${database}`);
  await admin.unsafe(`create database ${database}`);
  await admin.end();
  url.pathname = `/${database}`;
  const sql = postgres(url.href, { max: 1, onnotice: () => undefined });
  await createLimitShop(sql);
  await sql.end();

  const pgbench = Bun.which("pgbench");
  return {
    tool: pgbench ? await versionOf(pgbench) : "a loop of prepared statements (pgbench is not installed)",
    async measure({ clients, isHot, seconds }) {
      const run = (forSeconds: number) =>
        pgbench
          ? runPgbench(pgbench, { url: url.href, clients, isHot, seconds: forSeconds })
          : runOwnLoop({ url: url.href, clients, isHot, measureMs: forSeconds * 1_000 });
      await run(warmUpSeconds);
      return run(seconds);
    },
  };
}

async function versionOf(pgbench: string): Promise<string> {
  return (await textOf([pgbench, "--version"])).trim();
}

type PgbenchRun = { url: string; clients: number; isHot: boolean; seconds: number };

async function runPgbench(pgbench: string, { url, clients, isHot, seconds }: PgbenchRun): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "orderflow-bench-"));
  const script = join(folder, "order.sql");
  try {
    await Bun.write(script, pgbenchScript({ isHot }));
    const flags = ["--no-vacuum", "--protocol=prepared", `--file=${script}`, `--time=${seconds}`];
    const threads = Math.min(clients, 2);
    const output = await textOf([pgbench, ...flags, `--client=${clients}`, `--jobs=${threads}`, url]);
    // It states no rate when not one transaction came to its end, as may be in the first second of many clients.
    if (/actually processed: 0$/m.test(output)) return 0;
    const tps = Number(/^tps = ([\d.]+) \(without/m.exec(output)?.[1]);
    if (Number.isNaN(tps)) throw new Error(`pgbench said no transactions per second:\n${output}`);
    return tps;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runOwnLoop(task: LoopTask): Promise<number> {
  const command = [process.execPath, join(import.meta.dir, "own-loop.ts")];
  return Number(await textOf(command, new Blob([JSON.stringify(task)])));
}

async function textOf(command: string[], stdin?: Blob): Promise<string> {
  const child = Bun.spawn(command, { stdin: stdin ?? "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`${command[0]} ended with ${child.exitCode}: ${errors}`);
  return output;
}
