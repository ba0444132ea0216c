import { afterEach, beforeEach, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestBroker, hasMosquitto, type TestBroker } from "@orderflow/tools/testing/test-broker";
import { type Broker, connectBroker } from "../messaging/broker.ts";
import { createLogger } from "../observability/logger.ts";
import { createMetrics } from "../observability/metrics.ts";
import { followSettings, type SettingsFollower } from "./follow-settings.ts";
import { callTargets, type SettingService, settingServices, settingsOf } from "./setting-catalog.ts";
import { appliedTopic, readAppliedMessage, settingsTopic } from "./setting-messages.ts";
import type { SettingValues } from "./setting-values.ts";

const logger = createLogger({ service: "test", instance: "settings", level: "silent" });
const metrics = () => createMetrics({ service: "test", instance: "settings", defaults: false });

let server: TestBroker;
let gateway: Broker;
const brokers: Broker[] = [];
const followers: SettingsFollower[] = [];
beforeEach(async () => {
  server = await createTestBroker({ kind: hasMosquitto() ? "mosquitto" : "aedes" });
  gateway = connect("gateway");
  await eventually(() => gateway.isConnected());
});
afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.close();
  for (const broker of brokers.splice(0)) await broker.close();
  await server.stop();
});

function connect(user: string): Broker {
  const clientId = `${user}-${brokers.length}`;
  const broker = connectBroker({ url: server.urlFor(user), clientId, logger, metrics: metrics() });
  brokers.push(broker);
  return broker;
}

function follow(service: SettingService, isProduction = false) {
  const config = { instance: `${service}-1`, isProduction };
  const follower = followSettings({ service, config, broker: connect(service), logger, metrics: metrics() });
  followers.push(follower);
  const applied: SettingValues[] = [];
  follower.onApply((values) => applied.push(values));
  return { follower, last: () => applied.at(-1), times: () => applied.length };
}

const publish = (service: SettingService, version: number, values: object, from = gateway) =>
  from.publish(settingsTopic(service), JSON.stringify({ service, version, values }), { retain: true });

test("the last good settings stay when those that come cannot be applied, and the instance says so", async () => {
  const { follower, last } = follow("inventory");
  const topic = appliedTopic("inventory", "inventory-1");
  let said: unknown;
  gateway.subscribe(topic, (payload) => {
    said = readAppliedMessage(topic, payload);
  });
  await publish("inventory", 1, { lowStockThreshold: 7, ofANewerRelease: true });
  await eventually(() => expect(last()).toEqual({ lowStockThreshold: 7 }));
  await publish("inventory", 2, { lowStockThreshold: -1 });
  await eventually(() => expect(said).toMatchObject({ version: 1, heard: 2, problem: expect.any(String) }));
  expect([follower.version(), last()]).toEqual([1, { lowStockThreshold: 7 }]);
  await publish("inventory", 3, {});
  await eventually(() => expect(said).toMatchObject({ version: 3, heard: 3 }));
  expect(last()).toEqual({});
});

test("a version that comes again with other values is applied, and with the same ones it is not", async () => {
  const { follower, last, times } = follow("inventory");
  await publish("inventory", 2, { lowStockThreshold: 7 });
  await eventually(() => expect(last()).toEqual({ lowStockThreshold: 7 }));
  // The gateway's database was restored to version 1, and another 2 was set.
  await publish("inventory", 2, { lowStockThreshold: 8 });
  await eventually(() => expect(last()).toEqual({ lowStockThreshold: 8 }));
  const before = times();
  await publish("inventory", 2, { lowStockThreshold: 8 });
  await publish("inventory", 3, { lowStockThreshold: 9 });
  await eventually(() => expect(follower.version()).toBe(3));
  expect(times() - before).toBe(1);
});

test("nobody but the gateway sets anything", async () => {
  const { last } = follow("inventory");
  const stranger = connect("order");
  await eventually(() => stranger.isConnected());
  await publish("inventory", 9, { lowStockThreshold: 9 }, stranger).catch(() => undefined);
  await publish("inventory", 1, { lowStockThreshold: 1 });
  await eventually(() => expect(last()).toEqual({ lowStockThreshold: 1 }));
});

test("in production what makes a service fail is left out, and the rest is applied", async () => {
  const { last } = follow("worker", true);
  await publish("worker", 1, { carrierFailureRatio: 1, jobConcurrency: 3 });
  await eventually(() => expect(last()).toEqual({ jobConcurrency: 3 }));
});

test.each([...settingServices])("the defaults of %s are within their bounds", (service) => {
  for (const { schema, default: fallback } of settingsOf(service)) schema.parse(fallback);
  expect(callTargets[service]).not.toEqual([]);
});
