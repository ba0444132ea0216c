import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Client, createClient, type OutputOf } from "@orderflow/client";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import { type System, startSystem } from "./support/start-system.ts";

const orders = 40;
const placers = 4;
const life = ["pending", "confirmed", "shipped", "delivered"];

let system: System;
let customer: Client;
let operator: Client;

beforeAll(async () => {
  const delays = ["CARRIER_DISPATCH_DELAY_MS=300", "CARRIER_DELIVERY_DELAY_MS=300"];
  system = await startSystem("--instances", "order=2", ...delays.flatMap((delay) => ["--env", delay]));
  const { demo } = await system.run();
  const url = system.gateway;
  [customer, operator] = [createClient({ url, timeoutMs: 60_000 }), createClient({ url, timeoutMs: 60_000 })];
  await Promise.all([customer.session.signIn(demo.customer), operator.session.signIn(demo.operator)]);
}, 120_000);
afterAll(() => system?.stop(), 60_000);

type FeedItem = OutputOf<Client["order"]["feed"]>;

/** Follows all orders in the background. */
function followAll(lastEventId?: string) {
  const leaving = new AbortController();
  const seen = { items: [] as FeedItem[], connections: 0, error: undefined as unknown };
  const onConnection = ({ state }: { state: string }) => {
    if (state === "open") seen.connections++;
  };
  const run = async () => {
    const input = lastEventId === undefined ? undefined : { lastEventId };
    for await (const item of operator.order.feed.follow(input, { signal: leaving.signal, onConnection }))
      seen.items.push(item);
  };
  run().catch((error: unknown) => {
    seen.error = error;
  });
  return Object.assign(seen, { leave: () => leaving.abort() });
}

/** What one order's customer is told of it, until its last change. */
async function watchOne(orderId: string): Promise<string[]> {
  const seen: string[] = [];
  for await (const { data } of customer.order.watch.follow({ orderId })) seen.push(data.status);
  return seen;
}

async function placeAll(sku: string, ids: string[]): Promise<void> {
  const placer = async () => {
    while (ids.length < orders) {
      const { id } = await customer.order.place.mutate({ lines: [{ sku, quantity: 1 }], shippingAddress: anAddress });
      ids.push(id);
    }
  };
  await Promise.all(Array.from({ length: placers }, placer));
}

async function killAll(): Promise<void> {
  const { services } = await system.run();
  const instances = services.filter(({ name }) => name === "order").map(({ instance }) => instance);
  expect(instances).toHaveLength(2);
  for (const victim of [...instances, "gateway", ...instances]) await system.kill(victim);
}

test("no change is missed or told twice while both instances of order and the gateway are killed with -9", async () => {
  const initialStock = 10 * orders;
  const sku = "LIVE-1";
  await operator.inventory.createProduct.mutate({
    sku,
    name: "Lively thing",
    unitPrice: { amountMinor: 100, currency: "EUR" },
    initialStock,
  });
  const feed = followAll();
  await eventually(() => expect(feed.items).toHaveLength(1));
  expect(feed.items[0]?.data.change).toBeNull();

  const ids: string[] = [];
  const placing = placeAll(sku, ids);
  await eventually(() => ids.length >= placers);
  const watched = ids.slice(0, placers).map(watchOne);
  await Promise.all([placing, killAll()]);
  watched.push(...ids.slice(-placers).map(watchOne));

  // From what it was when the watch began.
  for (const states of await Promise.all(watched)) expect(states).toEqual(life.slice(life.indexOf(states[0] ?? "")));
  const changesOf = (items: FeedItem[], id: string) =>
    items.flatMap(({ data: { change } }) => (change?.orderId === id ? [change.status] : []));
  await eventually(() => expect(ids.every((id) => changesOf(feed.items, id).length >= life.length)).toBe(true), {
    timeoutMs: 60_000,
  });
  expect(feed.error).toBeUndefined();
  expect(feed.connections).toBeGreaterThan(1);
  for (const id of ids) expect([id, ...changesOf(feed.items, id)]).toEqual([id, ...life]);

  const [began, ...changes] = feed.items;
  const again = followAll(began?.id);
  await eventually(() => expect(again.items.length).toBeGreaterThanOrEqual(changes.length));
  expect(again.items.slice(0, changes.length)).toEqual(changes);
  for (const each of [feed, again]) each.leave();

  // Each call was carried out once, however often it was sent.
  const { onHand, reserved } = await operator.inventory.bySku.query({ sku });
  expect([onHand, reserved]).toEqual([initialStock - ids.length, 0]);
}, 240_000);
