import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestBroker, hasMosquitto, type TestBroker } from "@orderflow/tools/testing/test-broker";
import { createLogger } from "../observability/logger.ts";
import { createMetrics } from "../observability/metrics.ts";
import { type Broker, connectBroker } from "./broker.ts";
import type { Consumer } from "./consumer.ts";
import { batchContentType } from "./envelope.ts";
import { createPublisher } from "./publisher.ts";
import { createLogRig, type LogRig } from "./testing/log-rig.ts";
import { topicOf } from "./topics.ts";

const logger = createLogger({ service: "test", instance: "broker", level: "silent" });
const metrics = createMetrics({ service: "test", instance: "broker", defaults: false });
const topic = topicOf("order");

describe.each(hasMosquitto() ? (["aedes", "mosquitto"] as const) : (["aedes"] as const))("over %s", (kind) => {
  let server: TestBroker;
  let rig: LogRig;
  const connections: Broker[] = [];
  const consumers: Consumer[] = [];

  beforeAll(async () => {
    [server, rig] = await Promise.all([createTestBroker({ kind }), createLogRig()]);
  });
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
    await Promise.all(connections.splice(0).map((broker) => broker.close()));
  });
  afterAll(() => Promise.all([server.stop(), rig.drop()]));

  let clients = 0;
  function connect(user: string): Broker {
    const broker = connectBroker({ url: server.urlFor(user), clientId: `${user}-${++clients}`, logger, metrics });
    connections.push(broker);
    return broker;
  }
  const isConnected = (...brokers: Broker[]) =>
    eventually(() => brokers.every((broker) => broker.isConnected()), { timeoutMs: 10_000 });
  const say = (broker: Broker, text: string) => broker.publish(topic, text, { contentType: batchContentType });

  test("what one publishes reaches all who subscribed, until they leave", async () => {
    const [order, notify] = [connect("order"), connect("notify")];
    await isConnected(order, notify);
    const heard: string[] = [];
    const leave = notify.subscribe(topic, (payload) => heard.push(Buffer.from(payload).toString()));
    await eventually(async () => {
      await say(order, "hello");
      expect(heard).toContain("hello");
    });
    leave();
    await say(order, "gone");
    expect(heard).not.toContain("gone");
  });

  test("a killed broker that comes back empty is subscribed to again without being told", async () => {
    const [order, notify] = [connect("order"), connect("notify")];
    const heard: string[] = [];
    notify.subscribe(topic, (payload) => heard.push(Buffer.from(payload).toString()));
    await isConnected(order, notify);
    await server.kill();
    await eventually(() => !order.isConnected());
    await expect(say(order, "lost")).rejects.toThrow("the broker is away");
    await server.restart();
    await isConnected(order, notify);
    await eventually(async () => {
      await say(order, "back");
      expect(heard).toContain("back");
    });
  });

  test("a stream is applied once and in order though the broker is wiped in the middle", async () => {
    const [order, notify] = [connect("order"), connect("notify")];
    await isConnected(order, notify);
    const publisher = createPublisher({ broker: order, logger, metrics });
    const stream = await rig.aStream(`order`, { broker: notify, publisher });
    consumers.push(stream.aConsumer());
    for (const consumer of consumers) consumer.start();
    for (let n = 0; n < 200; n++) {
      await stream.append([n, n]);
      publisher.publish(stream.appended.slice(-2));
      if (n === 100) await server.wipe();
    }
    const wanted = stream.appended.map((event) => event.id);
    await eventually(async () => expect(await stream.applied()).toEqual(wanted), { timeoutMs: 10_000 });
  }, 30_000);
});

test("a broker that is not there fails nothing but what needs it", async () => {
  const broker = connectBroker({ url: "mqtt://127.0.0.1:1", clientId: "nobody", logger, metrics });
  expect(broker.isConnected()).toBe(false);
  await expect(broker.publish(topic, "x", { contentType: batchContentType })).rejects.toThrow("the broker is away");
  await broker.close();
});
