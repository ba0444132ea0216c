import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createLogRig, type LogRig } from "./testing/log-rig.ts";

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
      select count(*)::int as count from pg_stat_activity where application_name = ${`leader of consumer ${stream.stream}`}`;
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
  }, 20_000);

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
  }, 20_000);
});
