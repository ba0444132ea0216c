import { afterAll, beforeAll, expect } from "bun:test";
import { join } from "node:path";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { SQL } from "bun";
import { longTest } from "./support/long-test.ts";
import { openRewindable } from "./support/rewindable-database.ts";
import { type Shop, signIn, untilAnswered } from "./support/shop.ts";
import { type System, startSystem } from "./support/start-system.ts";

const haltMs = 5_000;
const sku = "REWIND-1";

type PlaceInput = Parameters<Shop["order"]["place"]["mutate"]>[0];

let system: System;
let customer: Shop;
let operator: Shop;

beforeAll(async () => {
  if (!process.env.LONG_TESTS) return;
  system = await startSystem("--env", "CARRIER_DISPATCH_DELAY_MS=1500", "--env", "CARRIER_DELIVERY_DELAY_MS=200");
  customer = (await signIn(system, "customer")).shop;
  operator = (await signIn(system, "operator")).shop;
  const unitPrice = { amountMinor: 100, currency: "EUR" };
  await operator.inventory.createProduct.mutate({
    ...{ idempotencyKey: crypto.randomUUID(), sku, name: "A thing", unitPrice, initialStock: 100_000 },
  });
}, 90_000);
afterAll(async () => {
  await system?.stop();
}, 60_000);

/** Places, and cancels every fifth, until it is told to stop. Answers the orders that it was told are accepted. */
function startLoad() {
  const accepted: { id: string; order: PlaceInput; isCancelled: boolean }[] = [];
  let isOn = true;
  const client = async () => {
    for (let n = 0; isOn; n++) {
      const idempotencyKey = crypto.randomUUID();
      const order = { idempotencyKey, lines: [{ sku, quantity: 1 + (n % 3) }], shippingAddress: anAddress };
      const answer = await untilAnswered(() => customer.order.place.mutate(order));
      if ("refused" in answer) continue;
      const isCancelled = n % 5 === 4;
      accepted.push({ id: answer.id, order, isCancelled });
      const cancel = { idempotencyKey: crypto.randomUUID(), orderId: answer.id, reason: "changed my mind" };
      if (isCancelled) await untilAnswered(() => customer.order.cancel.mutate(cancel));
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
  const file = join(temporaryFolder(), "audit.json");
  const { output } = await system.command("audit", "--settled", "--json", file);
  const answer: { invariants: Found[] } = await Bun.file(file)
    .json()
    .catch(() => {
      throw new Error(output);
    });
  const broken = answer.invariants.filter(({ violations: found, failure }) => found > 0 || failure !== null);
  return broken.flatMap(({ name, failure, examples }) =>
    failure === null ? examples.map(({ id, problem }) => `${name}: ${id} ${problem}`) : [`${name}: ${failure}`],
  );
}

longTest(
  "order, restored from an older copy under load, is noticed by all and brought together with them",
  async () => {
    const { accepted, atCopy } = await rewindUnderLoad("order", [
      ...["inventory: order", "notify: order", "worker: order", "worker: order.commands.worker"],
    ]);
    expect(accepted.length).toBeGreaterThan(atCopy);
    const look = await system.command("realign", "--stream", "order");
    expect(look.code).toBe(1);
    expect(look.output).toContain("no longer known to its producer");
    const early = await system.command("realign", "--stream", "order", "--accept-log");
    expect(early.code).not.toBe(0);
    expect(early.output).toContain("lost orders are not back");
    const back = await system.command("realign", "--stream", "order", "--bring-back");
    expect(back).toMatchObject({ code: 0 });
    await acceptLog("order", "order.commands.worker");
    await isWhole(accepted);

    expect(await eventsUnderAnotherKey()).toBe(0);
    for (const { id, order } of accepted) {
      const again = await customer.order.place.mutate(order);
      expect(again.id).toBe(id);
      expect(["delivered", "cancelled"]).toContain(again.status);
    }
  },
  120_000,
);

longTest.each([
  ["worker", ["order: worker", "inventory: worker"]],
  ["inventory", ["order: inventory"]],
] as const)(
  "%s, restored from an older copy under load, hears again what it forgot, and is brought together with who listens to it",
  async (service, halted) => {
    const { accepted } = await rewindUnderLoad(service, halted);
    await acceptLog(service);
    await isWhole(accepted);
    for (const { id } of accepted) {
      const { status } = await customer.order.byId.query({ orderId: id });
      expect(["delivered", "cancelled"]).toContain(status);
    }
  },
  120_000,
);

const ordersBefore = 20;
const ordersLost = 30;

/** Puts the service's database back to an older copy while customers order, and waits until all who listen have halted. */
async function rewindUnderLoad(service: string, halted: readonly string[]) {
  const database = await openRewindable(system, service);
  const load = startLoad();
  try {
    await eventually(() => load.accepted.length >= ordersBefore, { timeoutMs: 30_000 });
    await database.copy();
    const atCopy = load.accepted.length;
    await eventually(() => load.accepted.length >= atCopy + ordersLost, { timeoutMs: 30_000 });
    // So that each service has told something since the copy.
    const [first] = load.accepted.slice(atCopy).filter(({ isCancelled }) => !isCancelled);
    const isDelivered = async () =>
      (await customer.order.byId.query({ orderId: first?.id ?? "" })).status === "delivered";
    await eventually(isDelivered, { timeoutMs: 20_000 });
    await database.restore();
    await eventually(async () => expect(await haltedStreams()).toEqual(expect.arrayContaining([...halted])), {
      timeoutMs: haltMs,
    });
    return { accepted: load.accepted, atCopy };
  } finally {
    await load.stop();
    await database.close();
  }
}

async function acceptLog(...streams: string[]): Promise<void> {
  for (const stream of streams)
    expect(await system.command("realign", "--stream", stream, "--accept-log")).toMatchObject({ code: 0 });
}

/** Nothing stands still, every order has come to its end, and the audit finds nothing. */
async function isWhole(accepted: { id: string }[]): Promise<void> {
  const ended = new Set<string>();
  await eventually(
    async () => {
      await redriveAll();
      expect(await haltedStreams()).toEqual([]);
      for (const { id } of accepted) {
        if (ended.has(id)) continue;
        expect(["delivered", "cancelled"]).toContain((await customer.order.byId.query({ orderId: id })).status);
        ended.add(id);
      }
    },
    { timeoutMs: 60_000, intervalMs: 250 },
  );
  await eventually(async () => expect(await violations()).toEqual([]), { timeoutMs: 30_000, intervalMs: 500 });
}

/** What a restored service heard in another order than at first. */
async function redriveAll(): Promise<void> {
  for (const service of ["order", "inventory"] as const) {
    const { items } = await operator[service].deadLetters.list.query({ limit: 100, isParked: false });
    for (const { stream, key } of items)
      await operator[service].deadLetters.redrive.mutate({ idempotencyKey: crypto.randomUUID(), stream, key });
  }
}
