import { openSync } from "node:fs";
import { join } from "node:path";
import { withFileLock } from "./file-lock.ts";
import { freePort } from "./ports.ts";
import { type PostgresCluster, preparePostgresCluster } from "./postgres-cluster.ts";
import { postgresCommand, postgresUrl } from "./postgres-command.ts";
import { clearDeadPostmaster, runningPostmaster } from "./postmaster.ts";
import { isAlive, stopProcess } from "./process-state.ts";
import { untilQueryable } from "./queryable.ts";

export type Postgres = { url: string; port: number; pid: number; isAttached: boolean; stop(): Promise<void> };

export type PostgresOptions = { folder: string; port?: number; isDurable?: boolean; maxConnections?: number };

/** Starts a private PostgreSQL in the folder, or attaches to the one that runs there. It outlives this process. */
export function startPostgres(options: PostgresOptions): Promise<Postgres> {
  return withFileLock(`${options.folder}.lock`, async () => {
    const cluster = await preparePostgresCluster(options.folder);
    const running = runningPostmaster(cluster.dataFolder);
    const { pid, port } = running ?? (await launch(cluster, options));
    const url = postgresUrl(cluster, port);
    await untilQueryable(url, 20_000, () => !isAlive(pid)).catch((cause) => {
      throw new Error(`PostgreSQL did not start; its log is ${logFile(cluster)}`, { cause });
    });
    return { url, port, pid, isAttached: running !== undefined, stop: () => stopPostgres(pid) };
  });
}

/** SIGINT is the fast shutdown; SIGTERM would wait for the last client to go. */
export function stopPostgres(pid: number): Promise<void> {
  return stopProcess(pid, "SIGINT", 15_000);
}

async function launch(cluster: PostgresCluster, options: PostgresOptions): Promise<{ pid: number; port: number }> {
  await clearDeadPostmaster(cluster.dataFolder);
  const port = options.port ?? (await freePort());
  const settings = { port, isDurable: options.isDurable ?? true, maxConnections: options.maxConnections ?? 200 };
  const log = openSync(logFile(cluster), "a");
  const child = Bun.spawn(postgresCommand(cluster, settings), {
    ...cluster.user,
    env: cluster.env,
    cwd: cluster.folder,
    stdin: "ignore",
    stdout: log,
    stderr: log,
    detached: true, // A session of its own: Ctrl-C must not reach it before its clients are done.
  });
  child.unref();
  return { pid: child.pid, port };
}

function logFile(cluster: PostgresCluster): string {
  return join(cluster.folder, "postgres.log");
}
