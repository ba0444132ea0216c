import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { transact } from "@orderflow/common/database/connect-database";
import { appendEvents } from "@orderflow/common/messaging/append";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import { eventually } from "@orderflow/tools/testing/eventually";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { SQL } from "bun";
import { type ServiceName, serviceNames } from "../service-names.ts";
import { copyService } from "./copy-service.ts";
import { withConsistentSnapshots } from "./open-snapshots.ts";
import { requireFree, restoreDatabase } from "./restore-database.ts";

setDefaultTimeout(20_000);

let databases: Record<ServiceName, TestDatabase>;
let urls: Record<ServiceName, string>;
const folder = temporaryFolder();

beforeAll(async () => {
  const made = await Promise.all(serviceNames.map((service) => createTestDatabase({ service })));
  const perService = <T>(of: (database: TestDatabase) => T) =>
    Object.fromEntries(serviceNames.map((service, index) => [service, of(made[index] as TestDatabase)]));
  databases = perService((database) => database) as typeof databases;
  urls = perService(({ url }) => url) as typeof urls;
}, 30_000);
afterAll(async () => {
  await Promise.all(Object.values(databases).map((database) => database.drop()));
});

type Place = { position: number; eventId: string | null };

test("no cursor of a copy is ahead of its producer's log, however fast both move", async () => {
  const [producer, listener] = [databases.worker.sql, databases.order.sql];
  await ensureStreams(producer, ["worker"]);
  await listener`insert into cursor (stream) values ('worker')`;
  let isStopped = false;
  /** Worker tells something, and order has applied it a moment later: order is looked at after worker. */
  const follow = async () => {
    while (!isStopped) {
      const fact = { stream: "worker", type: "shipment.delivered", key: "k", data: {} };
      const [event] = await transact(producer, (tx) => appendEvents(tx, [fact]));
      if (!event) throw new Error("nothing was appended");
      await listener`
        update cursor set position = ${event.position}, event_id = ${event.id}, log_id = ${event.logId}
        where stream = 'worker'`;
    }
  };
  const following = follow();
  try {
    for (let round = 0; round < 20; round++) {
      await withConsistentSnapshots(urls, async ({ connections }) => {
        const [cursor] = await connections.order<Place[]>`
          select position::int as position, event_id as "eventId" from cursor where stream = 'worker'`;
        const [head] = await connections.worker<{ head: number }[]>`select head::int as head from stream`;
        const [event] = await connections.worker<Place[]>`
          select id as "eventId" from event where stream = 'worker' and position = ${cursor?.position ?? 0}`;
        expect(cursor?.position).toBeLessThanOrEqual(head?.head ?? 0);
        expect(event?.eventId ?? null).toBe(cursor?.eventId ?? null);
      });
    }
  } finally {
    isStopped = true;
    await following;
  }
  const [moved] = await listener`select position::int as position from cursor where stream = 'worker'`;
  expect(moved.position).toBeGreaterThan(20);
});

/** Of every table, so that nothing is left out that somebody adds. */
async function contentOf(database: TestDatabase): Promise<Record<string, string>> {
  const tables: { name: string }[] = await database.sql`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('public', 'graphile_worker') and tablename <> 'rate_limit' order by 1`;
  const content: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await database.sql.unsafe(`
      select count(*) || ' ' || coalesce(md5(string_agg(t::text, chr(10) order by t::text)), '') as sum from ${name} t`);
    content[name] = row.sum;
  }
  return content;
}

test("what is restored is what was copied: odd texts, nulls of both kinds, numbers, jobs and sequences", async () => {
  const { sql } = databases.notify;
  const odd = 'line\u2028separator \u2029 "quoted" \\backslash\\ tab\t break\r\n 💥 \'';
  await sql`
    insert into idempotency_key (key, caller_id, body_hash, answer, created_at)
    values (gen_random_uuid(), ${odd}, ${odd}, 'null'::jsonb, '2026-01-02 03:04:05.678901+00'),
      (gen_random_uuid(), 'c', '', null, now()),
      (gen_random_uuid(), 'd', '', ${JSON.stringify({ odd, big: "12345678901234567890" })}::text::jsonb, now())`;
  await sql`insert into cursor (stream, position) values ('order', 9007199254740993)`;
  await sql`select graphile_worker.add_job('send-mail', ${JSON.stringify({ odd })}::text::json, job_key := ${odd})`;
  const before = await contentOf(databases.notify);
  const copy = await withConsistentSnapshots(urls, ({ connections }) =>
    copyService(connections.notify, folder, "notify"),
  );

  const target = await createTestDatabase({ service: "notify" });
  try {
    await requireFree({ service: "notify", url: target.url, folder, copy }, false);
    await restoreDatabase({ service: "notify", url: target.url, folder, copy });
    expect(await contentOf(target)).toEqual(before);
    const nextJob = "select (graphile_worker.add_job('send-mail')).id::int as id";
    const [[next], [expected]] = [await target.sql.unsafe(nextJob), await sql.unsafe(nextJob)];
    expect(next.id).toBe(expected.id);
    const taken = requireFree({ service: "notify", url: target.url, folder, copy }, true);
    await expect(taken).rejects.toThrow("is in use by");
  } finally {
    await target.drop();
  }
});

test.each([
  ["idle", "select 1", /is in use by \?\. Stop the services first/],
  ["within a transaction that has read a table", "begin; select from cursor", /is in use by an open transaction/],
])(
  "who connects after the look at a database is found before it is replaced: %s",
  async (_name, statement, refusal) => {
    const to = temporaryFolder();
    const target = await createTestDatabase({ service: "notify" });
    try {
      const copy = await withConsistentSnapshots(urls, ({ connections }) =>
        copyService(connections.notify, to, "notify"),
      );
      const restoring = { service: "notify", url: target.url, folder: to, copy };
      await target.sql`insert into cursor (stream, position) values ('worker', 7)`;
      await target.sql.close();
      await eventually(() => requireFree(restoring, true)); // Its own connection may still be closing.
      const late = new SQL(target.url, { max: 1 });
      try {
        await late.unsafe(statement).simple();
        await expect(restoreDatabase(restoring)).rejects.toThrow(refusal);
        expect([...(await late`select stream, position::int as position from cursor`)]).toEqual([
          { stream: "worker", position: 7 },
        ]);
      } finally {
        await late.close();
      }
      await restoreDatabase(restoring);
    } finally {
      await target.drop();
    }
  },
);

test("tables of another version are refused, and stay as they are", async () => {
  const target = await createTestDatabase({ service: "notify" });
  try {
    const copy = { migrations: ["another"], tables: [], sequences: [] };
    const restoring = restoreDatabase({ service: "notify", url: target.url, folder, copy });
    await expect(restoring).rejects.toThrow("Restore it with the version that made it");
  } finally {
    await target.drop();
  }
});
