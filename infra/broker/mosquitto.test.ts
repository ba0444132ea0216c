import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { findMosquitto } from "@orderflow/tools/embedded/broker";
import { matchesTopic } from "@orderflow/tools/embedded/topic-filter";
import { eventually } from "@orderflow/tools/testing/eventually";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { serviceNames } from "../service-names.ts";
import { brokerUserNames, brokerUsers } from "./broker-users.ts";
import { type LockedBroker, startLockedBroker } from "./testing/locked-broker.ts";

if (!findMosquitto()) console.log("Mosquitto is not installed: what its rules refuse is not tried.");

const root = "orderflow/v1";
const each = (of: (service: string) => string) => serviceNames.map(of);
/** Every topic that anybody uses, and such as nobody should. */
const topics = [
  ...each((service) => `evt/${service}`),
  ...each((service) => `cmd/${service}/order.commands.${service}`),
  "cmd/worker/inventory.commands.worker",
  ...each((service) => `presence/${service}/${service}-1`),
  ...each((service) => `settings/${service}`),
  ...each((service) => `settings/${service}/applied/${service}-1`),
  "evt/order/deeper",
  "evt",
].map((topic) => `${root}/${topic}`);
const foreign = ["orderflow/v2/evt/order", "elsewhere", "$SYS/broker/uptime"];

/** Who may publish it, written down a second time: a change of the rights must be meant. */
function publishersOf(topic: string): string[] {
  const [kind = "", service = "", detail] = topic.replace(`${root}/`, "").split("/");
  if (kind === "evt") return !detail && ["order", "inventory", "worker"].includes(service) ? [service] : [];
  if (kind === "cmd") return detail === "order.commands.worker" ? ["order"] : [];
  if (kind === "presence") return [service];
  if (kind === "settings") return detail ? [service] : ["gateway"];
  return [];
}

const listeners: Record<string, string[]> = {
  "evt/order": ["inventory", "notify", "worker"],
  "evt/inventory": ["order", "notify"],
  "evt/worker": ["order", "inventory"],
  "cmd/worker/order.commands.worker": ["worker"],
  "presence/order/order-1": ["gateway", "inventory", "notify", "worker"],
  "presence/inventory/inventory-1": ["gateway", "order", "notify"],
  "presence/notify/notify-1": ["gateway"],
  "presence/worker/worker-1": ["gateway", "order", "inventory"],
};

function readersOf(topic: string): string[] {
  const name = topic.replace(`${root}/`, "");
  const [kind, service = "", detail] = name.split("/");
  const settings = kind === "settings" ? [detail ? "gateway" : service] : [];
  return [...(listeners[name] ?? []), ...settings, "observer"].sort();
}

describe.skipIf(!findMosquitto())("Mosquitto as compose.yaml runs it", () => {
  let broker: LockedBroker;
  const open: MqttClient[] = [];

  beforeAll(async () => {
    broker = await startLockedBroker({ listener: "plain" });
  });
  afterAll(async () => {
    await Promise.all(open.map((client) => client.endAsync(true)));
    await broker.stop();
  });

  async function connect(options: IClientOptions): Promise<MqttClient> {
    const common = { protocolVersion: 5, reconnectPeriod: 0, connectTimeout: 3_000 } as const;
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { ...common, ...options }, false);
    client.on("error", () => undefined);
    open.push(client);
    return client;
  }
  const as = (user: string) => connect({ username: user, password: broker.passwords[user] ?? "" });

  test.each(brokerUserNames)("%s may publish what is its own and is refused everything else", async (user) => {
    const client = await as(user);
    for (const topic of [...topics, ...foreign]) {
      const outcome = await client.publishAsync(topic, "x", { qos: 1 }).then(
        () => "published",
        () => "refused",
      );
      expect(`${topic} ${outcome}`).toBe(`${topic} ${publishersOf(topic).includes(user) ? "published" : "refused"}`);
    }
  });

  test("each hears what it listens to and nothing else, whatever it subscribes to", async () => {
    const heard = new Map<string, Set<string>>();
    const clients = new Map<string, MqttClient>();
    for (const user of brokerUserNames) {
      const client = await as(user);
      const own = new Set<string>();
      heard.set(user, own);
      clients.set(user, client);
      client.on("message", (topic, payload) => void own.add(payload.toString() === "last" ? `last ${topic}` : topic));
      await client.subscribeAsync(["#", "$SYS/#", `${root}/evt/+`, ...topics], { qos: 1 }).catch(() => undefined);
    }
    const sent = topics.filter((topic) => publishersOf(topic).length > 0);
    for (const topic of sent) await clients.get(publishersOf(topic)[0] ?? "")?.publishAsync(topic, "x", { qos: 1 });
    // A connection delivers in order: who has heard the last message has heard all it will hear.
    for (const service of serviceNames) {
      await clients.get("gateway")?.publishAsync(`${root}/settings/${service}`, "last", { qos: 1 });
      await clients.get(service)?.publishAsync(`${root}/settings/${service}/applied/${service}-1`, "last", { qos: 1 });
    }
    await eventually(() => {
      for (const service of serviceNames) expect(heard.get(service)).toContain(`last ${root}/settings/${service}`);
      expect(heard.get("observer")).toContain(`last ${root}/settings/worker/applied/worker-1`);
    });
    for (const topic of sent) {
      const readers = brokerUserNames.filter((user) => heard.get(user)?.has(topic));
      expect(`${topic}: ${readers.sort()}`).toBe(`${topic}: ${readersOf(topic)}`);
    }
    for (const service of serviceNames) expect([...(heard.get(service) ?? [])].join()).not.toContain("$SYS");
  });

  test("every right is used: none of the filters stands for no topic", () => {
    for (const { name, mayPublish, mayRead } of brokerUsers(broker.passwords)) {
      for (const filter of [...mayPublish, ...mayRead]) {
        expect(`${name} ${filter} ${[...topics, ...foreign].some((topic) => matchesTopic(filter, topic))}`).toEndWith(
          "true",
        );
      }
    }
  });

  test("strangers, wrong passwords and names without one are refused", async () => {
    await expect(connect({})).rejects.toThrow(/not authori/i);
    await expect(connect({ username: "order", password: "wrong" })).rejects.toThrow(/not authori/i);
    await expect(connect({ username: "order" })).rejects.toThrow(/not authori/i);
    await expect(connect({ username: "root", password: "order-password" })).rejects.toThrow(/not authori/i);
  });

  test("a will is a message like any other", async () => {
    const observer = await as("observer");
    const heard: string[] = [];
    observer.on("message", (topic) => heard.push(topic));
    await observer.subscribeAsync(`${root}/#`, { qos: 1 });
    heard.splice(0);
    for (const topic of [`${root}/evt/inventory`, `${root}/presence/order/order-9`]) {
      const credentials = { username: "order", password: "order-password" };
      const dying = await connect({ ...credentials, will: { topic, payload: Buffer.from("gone"), qos: 1 } }).catch(
        () => undefined,
      );
      dying?.stream.destroy();
    }
    await eventually(() => heard.includes(`${root}/presence/order/order-9`));
    expect(heard).not.toContain(`${root}/evt/inventory`);
  });

  test("a packet past the limit ends its sender's connection and nobody else's", async () => {
    const [order, other] = [await as("order"), await as("order")];
    const outcome = await Promise.race([
      order.publishAsync(`${root}/evt/order`, "x".repeat(1_100_000), { qos: 1 }).then(
        () => "taken",
        () => "refused",
      ),
      new Promise((resolve) => order.once("close", () => resolve("refused"))),
    ]);
    expect(outcome).toBe("refused");
    await other.publishAsync(`${root}/evt/order`, "x".repeat(600_000), { qos: 1 });
  });

  test("it has nothing to say against its own configuration", () => {
    const complaints = broker
      .log()
      .split("\n")
      .filter((line) => /warning|error|deprecat|unknown/i.test(line));
    expect(complaints).toEqual([]);
  });
});
