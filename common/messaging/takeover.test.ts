import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createLogRig, type LogRig } from "./testing/log-rig.ts";

setDefaultTimeout(20_000);

const takeoverMs = 2_000;
const consumers: Bun.Subprocess[] = [];
let rig: LogRig;
let names = 0;

beforeAll(async () => {
  rig = await createLogRig();
});
afterEach(async () => {
  for (const consumer of consumers.splice(0)) {
    consumer.kill("SIGKILL");
    await consumer.exited;
  }
});
afterAll(() => rig.drop());

/** A stream with two instances of its consumer, each a process. */
async function twoInstances() {
  const stream = await rig.aStream(`takeover-${++names}`);
  const script = join(import.meta.dir, "testing/consumer-process.ts");
  const spawn = () => {
    const args = [stream.stream, rig.producer.url, rig.listener.url];
    consumers.push(Bun.spawn([process.execPath, script, ...args], { stdio: ["ignore", "inherit", "inherit"] }));
  };
  spawn();
  spawn();
  const areBothThere = async () => {
    const [row] = await rig.listener.sql`
      select count(*)::int as count from pg_stat_activity where application_name = ${`leader ${stream.stream}`}`;
    expect(row.count).toBe(2);
  };
  await eventually(areBothThere, { timeoutMs: 10_000 });
  const applied = async () => {
    const rows: { id: string; pid: number }[] = await rig.listener.sql`
      select id, value::text::int as pid from applied where stream = ${stream.stream} order by n`;
    return [...rows];
  };
  const lastBy = async () => {
    const rows = await applied();
    expect(rows).toHaveLength(stream.appended.length);
    return rows.at(-1)?.pid ?? 0;
  };
  return {
    /** The process that applied a new event. */
    async leader(): Promise<number> {
      await stream.append(["who leads?"]);
      return await eventually(lastBy, { intervalMs: 5 });
    },
    append: stream.append,
    lastBy,
    /** Both instances lead or wait to lead: one that was frozen has gone on, and has let go of what it held. */
    areBothThere: () => eventually(areBothThere),
    /** The session in which somebody leads, and how many transactions of the consumers are open and idle. */
    async sessions(): Promise<{ leading: number | undefined; open: number }> {
      const [row] = await rig.listener.sql`
        select (select a.pid from pg_stat_activity a join pg_locks l on l.pid = a.pid
            where l.locktype = 'advisory' and l.granted and application_name = ${`leader ${stream.stream}`}) as leading,
          (select count(*)::int from pg_stat_activity
            where application_name like '%consumer' and state = 'idle in transaction') as open`;
      return { leading: row.leading ?? undefined, open: row.open };
    },
    everythingOnce: () =>
      eventually(async () =>
        expect((await applied()).map(({ id }) => id)).toEqual(stream.appended.map(({ id }) => id)),
      ),
  };
}

describe("of two instances the other takes over", () => {
  test("within 2 s when the leader is killed", async () => {
    const { leader, append, everythingOnce } = await twoInstances();
    const first = await leader();
    await append(["one", "two"]);
    process.kill(first, "SIGKILL");
    const startedAt = performance.now();
    const second = await leader();
    expect(second).not.toBe(first);
    expect(performance.now() - startedAt).toBeLessThan(takeoverMs);
    await everythingOnce();
  });

  test("within 2 s when the leader is frozen; thawed, it applies nothing twice", async () => {
    const { leader, append, everythingOnce } = await twoInstances();
    const first = await leader();
    process.kill(first, "SIGSTOP");
    const startedAt = performance.now();
    const second = await leader();
    const tookMs = performance.now() - startedAt;
    process.kill(first, "SIGCONT");
    expect(second).not.toBe(first);
    expect(tookMs).toBeLessThan(takeoverMs);
    for (let n = 0; n < 20; n++) await append([n]);
    await everythingOnce();
  });

  test("within 2 s when it is frozen inside its transaction, which then never commits", async () => {
    const { leader, append, lastBy, sessions, areBothThere, everythingOnce } = await twoInstances();
    const first = await leader();
    const { leading } = await sessions();
    await append([{ lingers: first }]);
    await eventually(async () => expect((await sessions()).open).toBe(1), { intervalMs: 5 });
    process.kill(first, "SIGSTOP");
    const frozenAt = performance.now();
    await eventually(async () => {
      const now = (await sessions()).leading;
      expect(now).toBeNumber();
      expect(now).not.toBe(leading);
    });
    expect(performance.now() - frozenAt).toBeLessThan(takeoverMs);

    // The rows that the frozen one has locked are free when PostgreSQL ends its idle transaction, after 2 s.
    const second = await eventually(lastBy);
    expect(second).not.toBe(first);
    expect(performance.now() - frozenAt).toBeLessThan(takeoverMs + 1_000);
    process.kill(first, "SIGCONT");
    await append(["after the thaw"]);
    await areBothThere();
    await everythingOnce();
  });
});
