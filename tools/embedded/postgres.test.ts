import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SQL } from "bun";
import { startPostgres } from "./postgres.ts";
import { preparePostgresCluster } from "./postgres-cluster.ts";
import { runningPostmaster } from "./postmaster.ts";
import { haveEnded, isAlive, sendSignal } from "./process-state.ts";
import { reachableFolder } from "./reachable-folder.ts";
import { stateFolder } from "./repository-root.ts";
import { unprivilegedUser } from "./unprivileged-user.ts";

const folder = join(stateFolder, `test/postgres-${process.pid}`);

afterAll(async () => {
  const running = runningPostmaster(join(reachableFolder(folder, unprivilegedUser(["postgres", "nobody"])), "data"));
  if (running) sendSignal(running.pid, "SIGQUIT");
  if (running) await haveEnded([running.pid], 5_000);
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}.lock`, { force: true });
});

async function query(url: string, statement: string): Promise<unknown[]> {
  const sql = new SQL(url, { max: 1 });
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.close();
  }
}

describe("a private PostgreSQL", () => {
  test("starts, is attached to by the next start, and keeps its data through a kill -9", async () => {
    const first = await startPostgres({ folder });
    await query(first.url, "create table note (text text)");
    await query(first.url, "insert into note values ('kept')");

    const second = await startPostgres({ folder });
    expect(second).toMatchObject({ pid: first.pid, port: first.port, isAttached: true });

    const session = new SQL(first.url, { max: 1 });
    await session`select 1`;
    sendSignal(first.pid, "SIGKILL");
    await haveEnded([first.pid], 2_000);
    const third = await startPostgres({ folder });
    expect(third.isAttached).toBe(false);
    expect(await query(third.url, "select text from note")).toEqual([{ text: "kept" }]);
    await session.close().catch(() => undefined);

    await third.stop();
    expect(isAlive(third.pid)).toBe(false);
  }, 30_000);

  test("is durable unless told otherwise", async () => {
    const postgres = await startPostgres({ folder });
    expect(await query(postgres.url, "show fsync")).toEqual([{ fsync: "on" }]);
    expect(await query(postgres.url, "show synchronous_commit")).toEqual([{ synchronous_commit: "on" }]);
    await postgres.stop();
  }, 30_000);

  test("two starts at once come to one server", async () => {
    const [a, b] = await Promise.all([startPostgres({ folder }), startPostgres({ folder })]);
    expect(a.pid).toBe(b.pid);
    await a.stop();
  }, 30_000);

  test("a data folder of another version is refused with what to do", async () => {
    const other = join(stateFolder, `test/other-${process.pid}`);
    const home = reachableFolder(other, unprivilegedUser(["postgres", "nobody"]));
    mkdirSync(join(home, "data"), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, "data/PG_VERSION"), "9\n");
    await expect(preparePostgresCluster(other)).rejects.toThrow(/made by PostgreSQL 9.*--fresh/);
    rmSync(home, { recursive: true });
  });
});
