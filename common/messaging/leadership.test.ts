import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { openTcpProxy } from "@orderflow/tools/chaos/tcp-proxy";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { createLogger } from "../observability/logger.ts";
import { createLeaderships, type Leaderships, type Wanted } from "./leadership.ts";

const logger = createLogger({ service: "test", instance: "test", level: "fatal", pretty: false });
let database: TestDatabase;
let stopping = new AbortController();
let processes = 0;

beforeAll(async () => {
  database = await createTestDatabase({ service: "none" });
});
afterEach(async () => {
  stopping.abort();
  stopping = new AbortController();
  await endSessions();
});
afterAll(() => database.drop());

const aProcess = (databaseUrl = database.url): Leaderships =>
  createLeaderships({ databaseUrl, instance: `test-${++processes}`, logger });

function want(of: Leaderships, name: string, more: Partial<Wanted> = {}) {
  return of.acquire({ name, signal: stopping.signal, onLost: () => undefined, ...more });
}

const sessions = async (): Promise<{ pid: number; locks: number }[]> => [
  ...(await database.sql`
    select pid, (select count(*)::int from pg_locks l where l.pid = a.pid and locktype = 'advisory') as locks
    from pg_stat_activity a where datname = current_database() and application_name like 'leader %'`),
];
const endSessions = () => database.sql`
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name like 'leader %'`;

describe("a process", () => {
  test("holds all its locks by one connection, which is closed with the last of them", async () => {
    const process = aProcess();
    const [a, b, c] = await Promise.all([want(process, "a"), want(process, "b"), want(process, "c")]);
    expect(await sessions()).toMatchObject([{ locks: 3 }]);
    await Promise.all([a?.release(), b?.release()]);
    expect([a?.isHeld(), b?.isHeld(), c?.isHeld()]).toEqual([false, false, true]);
    expect(await sessions()).toMatchObject([{ locks: 1 }]);
    await c?.release();
    await eventually(async () => expect(await sessions()).toEqual([]));
  });

  test("leaves to another what it has let go of, and keeps the rest", async () => {
    const [here, there] = [aProcess(), aProcess()];
    const [a, b] = await Promise.all([want(here, "a"), want(here, "b")]);
    const next = Promise.race([want(there, "a"), want(there, "b")]);
    await a?.release();
    expect((await next)?.isHeld()).toBe(true);
    expect(b?.isHeld()).toBe(true);
    expect((await sessions()).map(({ locks }) => locks)).toEqual([1, 1]);
  });

  test("keeps nothing of the last lock that it lets go of while it wants another", async () => {
    const [here, there] = [aProcess(), aProcess()];
    const a = await want(here, "a");
    const released = a?.release();
    const b = await want(here, "b");
    expect((await want(there, "a"))?.isHeld()).toBe(true);
    await released;
    expect(b?.isHeld()).toBe(true);
    expect((await sessions()).map(({ locks }) => locks)).toEqual([1, 1]);
  });

  test("has each lock once", async () => {
    const process = aProcess();
    await want(process, "a");
    await expect(want(process, "a")).rejects.toThrow("held or awaited");
  });

  test("that stops waiting does not get the lock later", async () => {
    const [here, there] = [aProcess(), aProcess()];
    const held = await want(here, "a");
    const leaving = new AbortController();
    const awaited = want(there, "a", { signal: leaving.signal });
    await eventually(async () => expect(await sessions()).toHaveLength(2));
    leaving.abort();
    expect(await awaited).toBeUndefined();
    await eventually(async () => expect(await sessions()).toHaveLength(1));
    await held?.release();
    await eventually(async () => expect(await sessions()).toEqual([]));
    expect(await want(there, "a", { signal: leaving.signal })).toBeUndefined();
  });

  test("that stops waiting while it is asked for lets go of what it is then given", async () => {
    const [here, there] = [aProcess(), aProcess()];
    const leaving = new AbortController();
    // Asked for at once, and together with the next only a moment later.
    const awaited = want(here, "a", { signal: leaving.signal });
    const kept = want(here, "b");
    leaving.abort();
    expect(await awaited).toBeUndefined();
    expect((await kept)?.isHeld()).toBe(true);
    expect((await want(there, "a"))?.isHeld()).toBe(true);
  });

  test("that loses its connection loses all locks, those it waits for, too, and can begin anew", async () => {
    const [here, there] = [aProcess(), aProcess()];
    const lost: string[] = [];
    const [a, b] = await Promise.all(["a", "b"].map((name) => want(here, name, { onLost: () => lost.push(name) })));
    const ofOther = await want(there, "c");
    const awaited = want(here, "c").catch((error: Error) => error);
    await endSessions();
    expect(await awaited).toBeInstanceOf(Error);
    expect(lost).toEqual(["a", "b"]);
    expect([a?.isHeld(), b?.isHeld()]).toEqual([false, false]);
    await eventually(() => expect(ofOther?.isHeld()).toBe(false));
    const again = await Promise.all(["a", "b", "c"].map((name) => want(here, name)));
    expect(again.map((leadership) => leadership?.isHeld())).toEqual([true, true, true]);
    expect(await sessions()).toMatchObject([{ locks: 3 }]);
  });

  test("that PostgreSQL has fallen silent to leads no more, and another begins", async () => {
    const url = new URL(database.url);
    const proxy = await openTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    const lost = Promise.withResolvers<void>();
    try {
      const silenced = await want(aProcess(url.href), "silence", { onLost: lost.resolve });
      expect(silenced?.isHeld()).toBe(true);
      const next = want(aProcess(), "silence");
      await proxy.setMode("stall");
      await lost.promise;
      expect(silenced?.isHeld()).toBe(false);
      expect((await next)?.isHeld()).toBe(true);
      await silenced?.release();
    } finally {
      await proxy.close();
    }
  });
});
