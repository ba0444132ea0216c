import { afterAll, beforeAll, expect, test } from "bun:test";
import { openTcpProxy } from "@orderflow/tools/chaos/tcp-proxy";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { createLogger } from "../observability/logger.ts";
import { acquireLeadership } from "./leadership.ts";

const logger = createLogger({ service: "test", instance: "test", level: "fatal", pretty: false });
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ service: "none" });
});
afterAll(() => database.drop());

test("a leader that PostgreSQL has fallen silent to leads no more, and another begins", async () => {
  const url = new URL(database.url);
  const proxy = await openTcpProxy(Number(url.port));
  url.port = String(proxy.port);
  const stopping = new AbortController();
  const lost = Promise.withResolvers<void>();
  const common = { name: "silence", logger, signal: stopping.signal };
  try {
    const silenced = await acquireLeadership({ ...common, databaseUrl: url.href, onLost: lost.resolve });
    expect(silenced?.isHeld()).toBe(true);
    const next = acquireLeadership({ ...common, databaseUrl: database.url, onLost: () => undefined });
    await proxy.setMode("stall");
    await lost.promise;
    expect(silenced?.isHeld()).toBe(false);
    const leader = await next;
    expect(leader?.isHeld()).toBe(true);
    await Promise.all([silenced?.release(), leader?.release()]);
  } finally {
    stopping.abort();
    await proxy.close();
  }
  await eventually(async () => {
    const [row] = await database.sql`
      select count(*)::int as held from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;
    expect(row.held).toBe(0);
  });
});
