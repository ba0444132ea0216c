import { expect } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { eventually } from "@orderflow/tools/testing/eventually";
import { SQL } from "bun";
import { makeCheckout, previousRelease } from "./support/checkout.ts";
import { type Load, replaceInstance, startLoad } from "./support/load.ts";
import { longTest } from "./support/long-test.ts";
import { type System, startSystemOf } from "./support/start-system.ts";

const services = ["order", "inventory", "worker", "notify"];
const keptLogCharacters = 8_000;
const delays = ["CARRIER_DISPATCH_DELAY_MS=300", "CARRIER_DELIVERY_DELAY_MS=300"];

longTest(
  "the release before is rolled over to this one, an instance at a time, and no call fails",
  async () => {
    const checkout = await makeCheckout();
    const from = await checkout.to(await previousRelease());
    const two = services.map((service) => `${service}=2`).join(",");
    const system = await startSystemOf(
      checkout.folder,
      "--instances",
      two,
      ...delays.flatMap((delay) => ["--env", delay]),
    );
    try {
      // What a client sends again until it is answered; the one gateway is away for a moment when its turn comes.
      const load = await startLoad(system, { clients: 4, retries: 40 });
      await callsMore(load, 200);
      const to = await checkout.to(process.env.UPGRADE_TO ?? "HEAD");
      expect(await system.command("migrate")).toMatchObject({ code: 0 });
      await callsMore(load, 50);
      for (const instance of ["1", "2"]) {
        for (const service of services)
          await replaceInstance(system, { instance: `${service}-${instance}`, signal: "SIGTERM", load });
        await callsMore(load, 100);
      }
      await replaceInstance(system, { instance: "gateway-1", signal: "SIGTERM", load });
      await callsMore(load, 100);
      await load.stop();
      console.log(`${load.calls()} calls while ${from.slice(0, 8)} became ${to.slice(0, 8)}`);
      expect(load.failures()).toEqual([]);
      await eventually(async () => expect(await system.command("audit", "--settled")).toMatchObject({ code: 0 }), {
        timeoutMs: 60_000,
        intervalMs: 1_000,
      });
      await expectOldEventsRead(system);
    } catch (error) {
      console.error((await system.log()).slice(-keptLogCharacters));
      throw error;
    } finally {
      await system.stop();
      await checkout.remove();
    }
  },
  300_000,
);

function callsMore(load: Load, more: number): Promise<unknown> {
  const from = load.calls();
  return eventually(() => load.calls() > from + more, { timeoutMs: 60_000 });
}

/** Every event since the first, most of them the old release's, applied anew by this one's notify. */
async function expectOldEventsRead(system: System): Promise<void> {
  const { postgres } = await system.run();
  const admin = new SQL(postgres.url, { max: 1 });
  const name = `replayed_${newId().replaceAll("-", "")}`;
  await admin.unsafe(`create database ${name}`);
  await admin.close();
  const url = new URL(postgres.url);
  url.pathname = `/${name}`;
  const replayed = await system.command("replay", "--service", "notify", "--stream", "order", "--to", url.href);
  expect(replayed).toMatchObject({ code: 0 });
  const [again, before] = [new SQL(url.href, { max: 1 }), new SQL(await databaseOf(system, "notify"), { max: 1 })];
  const count = async (sql: SQL) => {
    const [row] = await sql`select count(*)::int as count from delivery where kind like 'order.%'`;
    return row.count as number;
  };
  const [counted, expected] = [await count(again), await count(before)];
  await Promise.all([again.close(), before.close()]);
  expect(expected).toBeGreaterThan(0);
  expect(counted).toBe(expected);
}

async function databaseOf(system: System, service: string): Promise<string> {
  const { postgres } = await system.run();
  const url = new URL(postgres.url);
  url.pathname = `/orderflow_${service}`;
  return url.href;
}
