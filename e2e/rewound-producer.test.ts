import { afterAll, beforeAll, expect } from "bun:test";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@orderflow/tools/testing/eventually";
import { SQL } from "bun";
import { longTest } from "./support/long-test.ts";
import { anAddress, type Shop, signIn, untilAnswered } from "./support/shop.ts";
import { type System, startSystem } from "./support/start-system.ts";

const haltMs = 5_000;
const sku = "REWIND-1";

type PlaceInput = Parameters<Shop["order"]["place"]["mutate"]>[0];

let system: System;
let customer: Shop;
let operator: Shop;
let orderDatabase: SQL;

beforeAll(async () => {
  if (!process.env.LONG_TESTS) return;
  system = await startSystem("--env", "CARRIER_DISPATCH_DELAY_MS=1500", "--env", "CARRIER_DELIVERY_DELAY_MS=200");
  customer = (await signIn(system, "customer")).shop;
  operator = (await signIn(system, "operator")).shop;
  const unitPrice = { amountMinor: 100, currency: "EUR" };
  await operator.inventory.createProduct.mutate({
    ...{ idempotencyKey: crypto.randomUUID(), sku, name: "A thing", unitPrice, initialStock: 100_000 },
  });
  const url = new URL((await system.run()).postgres.url);
  url.pathname = "/orderflow_order";
  orderDatabase = new SQL({ url: url.href, max: 1 });
}, 90_000);
afterAll(async () => {
  await orderDatabase?.close();
  await system?.stop();
}, 60_000);

async function tables(): Promise<string[]> {
  const rows: { name: string }[] = await orderDatabase`
    select tablename as name from pg_tables where schemaname = 'public' order by 1`;
  return rows.map(({ name }) => name);
}

async function copyDatabase(): Promise<void> {
  const names = await tables();
  await orderDatabase.begin("isolation level repeatable read", async (tx) => {
    await tx.unsafe("create schema older");
    for (const name of names) await tx.unsafe(`create table older."${name}" as table public."${name}"`);
  });
}

/** What restoring a backup does, while the service goes on; so it may have to try again. */
async function restoreCopy(): Promise<void> {
  const names = await tables();
  await eventually(() => replaceTables(names), { timeoutMs: 10_000, intervalMs: 0 });
}

async function replaceTables(names: string[]): Promise<true> {
  await orderDatabase.begin(async (tx) => {
    await tx.unsafe(`truncate ${names.map((name) => `public."${name}"`).join(", ")}`);
    for (const name of names)
      await tx.unsafe(`insert into public."${name}" overriding system value table older."${name}"`);
  });
  return true;
}

/** Places, and cancels every fifth, until it is told to stop. Answers the orders that it was told are accepted. */
function startLoad() {
  const accepted: { id: string; order: PlaceInput }[] = [];
  let isOn = true;
  const client = async () => {
    for (let n = 0; isOn; n++) {
      const idempotencyKey = crypto.randomUUID();
      const order = { idempotencyKey, lines: [{ sku, quantity: 1 + (n % 3) }], shippingAddress: anAddress };
      const answer = await untilAnswered(() => customer.order.place.mutate(order));
      if ("refused" in answer) continue;
      accepted.push({ id: answer.id, order });
      const cancel = { idempotencyKey: crypto.randomUUID(), orderId: answer.id, reason: "changed my mind" };
      if (n % 5 === 4) await untilAnswered(() => customer.order.cancel.mutate(cancel));
      await Bun.sleep(20);
    }
  };
  const clients = [client(), client()];
  return {
    accepted,
    async stop() {
      isOn = false;
      await Promise.all(clients);
    },
  };
}

/** Parking holds what belongs to one order together only if every event about it has its id as the key. */
async function eventsUnderAnotherKey(): Promise<number> {
  let count = 0;
  for (const service of ["order", "inventory", "worker"]) {
    const url = new URL((await system.run()).postgres.url);
    url.pathname = `/orderflow_${service}`;
    const sql = new SQL({ url: url.href, max: 1 });
    const [row] =
      await sql`select count(*)::int as count from event where data ? 'orderId' and data->>'orderId' <> key`;
    count += row.count;
    await sql.close();
  }
  return count;
}

async function haltedStreams(): Promise<string[]> {
  const { services } = await system.run();
  const found = await Promise.all(
    services.map(async ({ name, url }) => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return [...metrics.matchAll(/^consumer_halted{stream="([^"]+)".*} 1$/gm)].map(
        ([, stream]) => `${name}: ${stream}`,
      );
    }),
  );
  return found.flat();
}

type Found = { name: string; violations: number; failure: string | null; examples: { id: string; problem: string }[] };

async function violations(): Promise<string[]> {
  const file = join(tmpdir(), `audit-${crypto.randomUUID()}.json`);
  const { output } = await system.command("audit", "--settled", "--json", file);
  const answer: { invariants: Found[] } = await Bun.file(file)
    .json()
    .catch(() => {
      throw new Error(output);
    });
  await rm(file);
  const broken = answer.invariants.filter(({ violations: found, failure }) => found > 0 || failure !== null);
  return broken.flatMap(({ name, failure, examples }) =>
    failure === null ? examples.map(({ id, problem }) => `${name}: ${id} ${problem}`) : [`${name}: ${failure}`],
  );
}

longTest(
  "order, restored from an older copy under load, is noticed by all and brought together with them",
  async () => {
    const load = startLoad();
    await eventually(() => load.accepted.length >= 40, { timeoutMs: 30_000 });
    await copyDatabase();
    const atCopy = load.accepted.length;
    await eventually(() => load.accepted.length >= atCopy + 40, { timeoutMs: 30_000 });
    const heard = () => customer.order.byId.query({ orderId: load.accepted[atCopy + 10]?.id ?? "" });
    await eventually(async () => expect((await heard()).status).not.toBe("pending"), { timeoutMs: 20_000 });

    await restoreCopy();
    const restoredAt = performance.now();
    const all = ["inventory: order", "notify: order", "worker: order", "worker: order.commands.worker"];
    await eventually(async () => expect(await haltedStreams()).toEqual(expect.arrayContaining(all)), {
      timeoutMs: haltMs,
    });
    console.log(`all halted ${Math.round(performance.now() - restoredAt)} ms after the restore`);
    await load.stop();

    const look = await system.command("realign", "--stream", "order");
    expect(look.code).toBe(1);
    expect(look.output).toContain("no longer known to its producer");
    console.log(look.output.split("\n").slice(0, 6).join("\n"));
    const back = await system.command("realign", "--stream", "order", "--bring-back");
    console.log(back.output);
    expect(back.code).toBe(0);
    for (const stream of ["order", "order.commands.worker"]) {
      const accepted = await system.command("realign", "--stream", stream, "--accept-log");
      expect(accepted).toMatchObject({ code: 0 });
    }

    await eventually(
      async () => {
        expect(await haltedStreams()).toEqual([]);
        expect(await violations()).toEqual([]);
      },
      { timeoutMs: 120_000, intervalMs: 2_000 },
    );
    expect(await eventsUnderAnotherKey()).toBe(0);
    for (const { id, order } of load.accepted) {
      const again = await customer.order.place.mutate(order);
      expect(again.id).toBe(id);
      expect(["delivered", "cancelled"]).toContain(again.status);
    }
  },
  300_000,
);
