import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type MqttClient, connect as openClient } from "mqtt";
import { createTestBroker, hasMosquitto, type TestBroker } from "../testing/test-broker.ts";

const kinds = hasMosquitto() ? (["mosquitto", "aedes"] as const) : (["aedes"] as const);

describe.each([...kinds])("%s", (kind) => {
  let broker: TestBroker;
  const open: MqttClient[] = [];

  beforeAll(async () => {
    broker = await createTestBroker({ kind });
  });
  afterAll(async () => {
    await Promise.all(open.map((client) => client.endAsync(true)));
    await broker.stop();
  });

  async function connect(url: string): Promise<MqttClient> {
    const client = openClient(url, { protocolVersion: 5, reconnectPeriod: 0, connectTimeout: 3_000 });
    open.push(client);
    await new Promise<void>((resolve, reject) => {
      client.once("connect", () => resolve());
      client.on("error", reject);
      client.once("close", () => reject(new Error("The broker closed the connection")));
    });
    return client;
  }

  async function canPublish(url: string, topic: string): Promise<boolean> {
    const client = await connect(url);
    return client.publishAsync(topic, "x", { qos: 1 }).then(
      () => true,
      () => false,
    );
  }

  test.each([
    ["order", "orderflow/v1/evt/order", true],
    ["order", "orderflow/v1/cmd/worker/order.commands.worker", true],
    ["order", "orderflow/v1/presence/order/order-1", true],
    ["order", "orderflow/v1/evt/inventory", false],
    ["order", "orderflow/v1/cmd/worker/inventory.commands.worker", false],
    ["order", "orderflow/v1/settings/order", false],
    ["gateway", "orderflow/v1/settings/order", true],
    ["inventory", "orderflow/v1/evt/order", false],
    ["observer", "orderflow/v1/evt/order", false],
  ])("%s publishing to %s: %p", async (user, topic, isAllowed) => {
    expect(await canPublish(broker.urlFor(user), topic)).toBe(isAllowed);
  });

  test("a subscriber gets what its rights take in and nothing else", async () => {
    const users = ["worker", "order", "gateway"].map((user) => connect(broker.urlFor(user)));
    const [reader, writer, gateway] = (await Promise.all(users)) as [MqttClient, MqttClient, MqttClient];
    const received: string[] = [];
    reader.on("message", (topic) => received.push(topic));
    const [event, command] = ["orderflow/v1/evt/order", "orderflow/v1/cmd/worker/order.commands.worker"];
    await reader.subscribeAsync([event, command], { qos: 1 });
    await reader.subscribeAsync("orderflow/v1/settings/order", { qos: 1 }).catch(() => undefined);
    await gateway.publishAsync("orderflow/v1/settings/order", "x", { qos: 1 });
    await writer.publishAsync(command, "x", { qos: 1 });
    await writer.publishAsync(event, "x", { qos: 1 });
    while (received.length < 2) await Bun.sleep(5);
    expect(received.sort()).toEqual([command, event]);
  });

  test("a stranger is refused", async () => {
    const url = broker.urlFor("order").replace(/:[^:@/]+@/, ":wrong@");
    await expect(connect(url)).rejects.toThrow();
    await expect(connect(`mqtt://127.0.0.1:${broker.port}`)).rejects.toThrow();
  });

  test("killed, it comes back on its port with the same users", async () => {
    // One that nobody is connected to: a connection that its death breaks would fail the test.
    const mortal = await createTestBroker({ kind });
    const { pid, port } = mortal;
    await mortal.wipe();
    expect(mortal.pid).not.toBe(pid);
    expect(mortal.port).toBe(port);
    expect(await canPublish(mortal.urlFor("order"), "orderflow/v1/evt/order")).toBe(true);
    await mortal.stop();
  });
});
