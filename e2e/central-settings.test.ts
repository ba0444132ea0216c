import { afterAll, beforeAll, expect, test } from "bun:test";
import type { AppRouter } from "@orderflow/gateway/router";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestBroker, hasMosquitto, type TestBroker } from "@orderflow/tools/testing/test-broker";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { createTRPCClient, httpLink, type TRPCClient } from "@trpc/client";
import { signUp, startGateway, type TestGateway } from "../gateway/testing/start-gateway.ts";
import { readOrderConfig } from "../order/config.ts";
import { createContext, type OrderContext } from "../order/context.ts";

let broker: TestBroker;
let database: TestDatabase;
let gateway: TestGateway;
let client: TRPCClient<AppRouter>;
const orders: OrderContext[] = [];

beforeAll(async () => {
  broker = await createTestBroker({ kind: hasMosquitto() ? "mosquitto" : "aedes" });
  database = await createTestDatabase({ service: "order" });
  gateway = await startGateway({ MQTT_URL: broker.urlFor("gateway") });
  for (const instance of ["order-a", "order-b"]) orders.push(await startOrder(instance));
  const { session, email } = await signUp(gateway.url);
  await gateway.database.sql`update "user" set role = 'operator' where email = ${email}`;
  const headers = { authorization: `Bearer ${session}` };
  client = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${gateway.url}/trpc`, headers })] });
}, 60_000);

afterAll(async () => {
  for (const order of orders) await order.close();
  await gateway.close();
  await database.drop();
  await broker.stop();
}, 30_000);

async function startOrder(instance: string, settings: Record<string, string> = {}): Promise<OrderContext> {
  const { privateKeys, publicKeys } = await testKeys();
  const config = readOrderConfig({
    INSTANCE: instance,
    DISCOVERY: "static",
    MQTT_URL: broker.urlFor("order"),
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: "2",
    ALLOW_UNSAFE_DATABASE: "true",
    LOG_LEVEL: "silent",
    CALL_SETTINGS: '{"inventory":{"timeoutMs":700,"maxAttempts":2}}',
    SERVICE_PRIVATE_KEY: privateKeys.order,
    SERVICE_PUBLIC_KEYS: publicKeys,
    ...settings,
  });
  return createContext(config);
}

const inventoryOf = (order: OrderContext) => order.peers.settings().get("inventory")?.current();
const timeouts = () => orders.map((order) => inventoryOf(order)?.timeoutMs);
const instances = async () => (await client.settings.get.query({ service: "order" })).instances;
const reported = (version: number) =>
  orders.map(({ config }) => ({ instance: config.instance, version, problem: null }));
const aKey = () => ({ idempotencyKey: crypto.randomUUID() });
const version = async () => (await client.settings.get.query({ service: "order" })).version;

async function change(values: object, expectedVersion: number) {
  const input = { ...aKey(), service: "order" as const, expectedVersion, values, reason: "e2e" };
  return await client.settings.change.mutate(input);
}

test("a change takes effect on both instances in under a second, and each says so", async () => {
  await eventually(async () => expect(await instances()).toEqual(reported(0)));
  const levels = () => orders.map(({ logger }) => logger.level);
  expect(timeouts()).toEqual([700, 700]);
  const changedAt = performance.now();
  await change({ logLevel: "fatal", traceSampleRatio: 0.5, calls: { inventory: { timeoutMs: 900 } } }, 0);
  await eventually(() => expect(timeouts()).toEqual([900, 900]), { intervalMs: 2 });
  const tookMs = performance.now() - changedAt;
  console.log(`a change through the client reached both instances in ${tookMs.toFixed(0)} ms`);
  expect(tookMs).toBeLessThan(1_000);
  expect(levels()).toEqual(["fatal", "fatal"]);
  // What is not set centrally stays as the environment has it.
  expect(orders.map((order) => inventoryOf(order)?.maxAttempts)).toEqual([2, 2]);
  await eventually(async () => expect(await instances()).toEqual(reported(1)));
});

test("an instance that starts later gets them, and so does one that starts without a broker, once it is there", async () => {
  await broker.kill();
  const late = await startOrder("order-c");
  expect(inventoryOf(late)?.timeoutMs).toBe(700);
  await broker.restart();
  await eventually(() => expect(inventoryOf(late)?.timeoutMs).toBe(900), { timeoutMs: 10_000 });
  await late.close();
});

test("they survive a broker that forgets everything: nobody loses them, and they are there again for the next", async () => {
  await broker.wipe();
  expect(timeouts()).toEqual([900, 900]);
  const fresh = await startOrder("order-d");
  await eventually(() => expect(inventoryOf(fresh)?.timeoutMs).toBe(900), { timeoutMs: 10_000 });
  await fresh.close();
  await eventually(async () => expect(await instances()).toEqual(reported(1)), { timeoutMs: 10_000 });
});

test("a change while the broker is away comes with it", async () => {
  await broker.kill();
  await change({ calls: { inventory: { timeoutMs: 1_100 } } }, await version());
  await broker.restart();
  await eventually(() => expect(timeouts()).toEqual([1_100, 1_100]), { timeoutMs: 10_000 });
});

test("rolling back is a new version with the values of an old one", async () => {
  const current = await version();
  const input = { ...aKey(), service: "order" as const, expectedVersion: current, toVersion: 1, reason: "as before" };
  const rolled = await client.settings.rollBack.mutate(input);
  expect(rolled).toMatchObject({ version: current + 1, rolledBackTo: 1, reason: "as before" });
  expect(await client.settings.rollBack.mutate(input)).toEqual(rolled);
  await eventually(() => expect(timeouts()).toEqual([900, 900]));
  const { items } = await client.settings.history.query({ service: "order" });
  expect(items.map((item) => item.version)).toEqual([3, 2, 1]);
  const { changes } = await client.settings.compare.query({ service: "order", from: 2, to: 3 });
  expect(changes).toContainEqual({ name: "calls.inventory.timeoutMs", before: 1_100, after: 900 });
  await client.settings.rollBack.mutate({ ...input, ...aKey(), expectedVersion: 3, toVersion: 0 });
  await eventually(() => expect(timeouts()).toEqual([700, 700]));
});

test.each([
  [{ logLevel: "loud" }, "values.logLevel"],
  [{ calls: { inventory: { timeoutMs: 1 } } }, "values.calls.inventory.timeoutMs"],
  [{ calls: { elsewhere: {} } }, "values.calls.elsewhere"],
  [{ lowStockThreshold: 3 }, "values.lowStockThreshold"],
])("%p is refused, naming the field, and changes nothing", async (values, field) => {
  const before = await version();
  const refused = await change(values, before).catch((error: unknown) => error);
  expect(refused).toMatchObject({ data: { code: "BAD_REQUEST", reason: "invalid_input" } });
  expect(Object.keys((refused as { data: { fields: object } }).data.fields)).toEqual([field]);
  expect(await version()).toBe(before);
});

test("of twenty changes at once to one version one is made", async () => {
  const expected = await version();
  const made = await Promise.allSettled(Array.from({ length: 20 }, () => change({ traceSampleRatio: 0.2 }, expected)));
  expect(made.filter(({ status }) => status === "fulfilled").length).toBe(1);
  const refused = made.flatMap((one) => (one.status === "rejected" ? [one.reason.data.reason] : []));
  expect(new Set(refused)).toEqual(new Set(["settings_changed"]));
});

test("the gateway's own limits change with it, and what is stored cannot be altered", async () => {
  const input = { ...aKey(), service: "gateway" as const, expectedVersion: 0, reason: "e2e" };
  await client.settings.change.mutate({ ...input, values: { callsPerCaller: 3 } });
  await eventually(async () => {
    const answer = await fetch(`${gateway.url}/trpc/order.byId`);
    expect(answer.status).toBe(429);
  });
  const altering = gateway.database.sql`update setting_version set reason = 'other'`.execute();
  await expect(altering).rejects.toThrow("neither changed nor deleted");
});

test("in production nothing is made to fail on purpose, also not by rolling back", async () => {
  const production = await startGateway({
    MQTT_URL: broker.urlFor("gateway"),
    INSTANCE: "live",
    ENVIRONMENT: "production",
  });
  const { session, email } = await signUp(production.url);
  await production.database.sql`update "user" set role = 'operator' where email = ${email}`;
  const headers = { authorization: `Bearer ${session}` };
  const { settings } = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${production.url}/trpc`, headers })] });
  const values = { carrierFailureRatio: 1 };
  const input = { ...aKey(), service: "worker" as const, expectedVersion: 0, values, reason: "e2e" };
  await expect(settings.change.mutate(input)).rejects.toMatchObject({ data: { reason: "demonstration_only" } });
  await production.database.sql`
    insert into setting_version (service, version, "values", author_id, author_name, reason, idempotency_key,
                                 request_hash, created_at)
    values ('worker', 1, ${values}::jsonb, 'a', 'Ann', 'before', 'k', 'h', now())`;
  const back = { ...aKey(), service: "worker" as const, expectedVersion: 1, toVersion: 1, reason: "e2e" };
  await expect(settings.rollBack.mutate(back)).rejects.toMatchObject({ data: { reason: "demonstration_only" } });
  await production.close();
});
