import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestBroker, hasMosquitto, type TestBroker } from "@orderflow/tools/testing/test-broker";
import { newId } from "../ids.ts";
import { type Broker, connectBroker } from "../messaging/broker.ts";
import type { StreamHeads } from "../messaging/stream-heads.ts";
import { createLogger } from "../observability/logger.ts";
import { createMetrics } from "../observability/metrics.ts";
import { type Announcement, announcePresence } from "./announce-presence.ts";
import { createDirectory } from "./directory.ts";
import { presenceTopic } from "./presence.ts";

const logger = createLogger({ service: "test", instance: "discovery", level: "silent" });
const metrics = createMetrics({ service: "test", instance: "discovery", defaults: false });

type Announced = { user?: string; everyMs?: number; heads?: StreamHeads };

describe.each(hasMosquitto() ? (["aedes", "mosquitto"] as const) : (["aedes"] as const))("over %s", (kind) => {
  let server: TestBroker;
  const connections: Broker[] = [];
  const announcements: Announcement[] = [];
  beforeAll(async () => {
    server = await createTestBroker({ kind });
  });
  afterEach(async () => {
    await Promise.all(announcements.splice(0).map((announcement) => announcement.leave()));
    await Promise.all(connections.splice(0).map((broker) => broker.close()));
  });
  afterAll(() => server.stop());

  let clients = 0;
  function connect(user: string, clearOnLoss?: string): Broker {
    const clientId = `${user}-${++clients}`;
    const options = { url: server.urlFor(user), clientId, logger, metrics };
    const broker = connectBroker({ ...options, ...(clearOnLoss !== undefined && { clearOnLoss }) });
    connections.push(broker);
    return broker;
  }
  function announce(instance: string, { user = "order", everyMs = 500, heads }: Announced = {}) {
    const broker = connect(user, presenceTopic("order", instance));
    const presence = { service: "order", instance, url: `http://127.0.0.1:${clients}`, version: "1" };
    const announcement = announcePresence({
      broker,
      logger,
      presence,
      state: async () => ({ load: 2, heads }),
      everyMs,
    });
    announcements.push(announcement);
    return { broker, announcement };
  }
  const names = (directory: ReturnType<typeof createDirectory>) =>
    directory
      .live()
      .map(({ instance }) => instance)
      .sort();
  const listen = (nowMs?: () => number) =>
    createDirectory({ service: "order", broker: connect("gateway"), logger, ...(nowMs && { nowMs }) });

  test("who comes is seen, who says goodbye is gone, and later listeners are told", async () => {
    const early = listen();
    const [a] = [announce("a"), announce("b")];
    await eventually(() => expect(names(early)).toEqual(["a", "b"]));
    expect(early.live()[0]).toMatchObject({ load: 2 });
    const late = listen();
    await eventually(() => expect(names(late)).toEqual(["a", "b"]));
    await a.announcement.leave();
    for (const directory of [early, late]) await eventually(() => expect(names(directory)).toEqual(["b"]));
  });

  test("where the streams end is heard, and vouched for until an instance goes", async () => {
    const directory = listen();
    let timesHeard = 0;
    directory.heads.onHeard(() => timesHeard++);
    const end = { position: 7, id: newId(), logId: newId() };
    const { announcement } = announce("teller", { heads: { order: end } });
    await eventually(() => expect(directory.heads.of("order")).toMatchObject(end));
    expect(directory.heads.of("other")).toBeUndefined();
    const heardBefore = timesHeard;
    await announcement.leave();
    await eventually(() => expect(directory.heads.of("order")).toBeUndefined());
    expect(timesHeard).toBeGreaterThan(heardBefore);
  });

  test("who is cut off is gone within a second, long before its announcement expires", async () => {
    const directory = listen();
    const { broker } = announce("cut", { everyMs: 20_000 });
    await eventually(() => expect(names(directory)).toContain("cut"));
    const cutAt = performance.now();
    await broker.close();
    await eventually(() => expect(names(directory)).not.toContain("cut"));
    expect(performance.now() - cutAt).toBeLessThan(1_000);
  });

  test("after the broker has forgotten all, everybody is announced again", async () => {
    announce("kept", { everyMs: 20_000 });
    const directory = listen();
    await eventually(() => expect(names(directory)).toEqual(["kept"]));
    await server.wipe();
    const fresh = listen();
    await eventually(() => expect(names(fresh)).toEqual(["kept"]), { timeoutMs: 10_000 });
  });

  test("nobody announces for another service", async () => {
    const directory = listen();
    announce("real");
    announce("stranger", { user: "notify" });
    await eventually(() => expect(names(directory)).toContain("real"));
    announce("later");
    const late = listen();
    await eventually(() => expect(names(late)).toEqual(["later", "real"]));
    expect(names(directory)).toEqual(["later", "real"]);
  });

  test("who falls silent is forgotten by the listener's own clock", async () => {
    let nowMs = 0;
    const directory = listen(() => nowMs);
    announce("silent", { everyMs: 20_000 });
    await eventually(() => expect(names(directory)).toEqual(["silent"]));
    nowMs = 59_999;
    expect(names(directory)).toEqual(["silent"]);
    nowMs = 60_000;
    expect(names(directory)).toEqual([]);
  });
});

test("no more than 64 instances are remembered", () => {
  let hear: Parameters<Broker["subscribe"]>[1] = () => undefined;
  const broker = {
    subscribe: (_: string, handle: typeof hear) => {
      hear = handle;
      return () => undefined;
    },
  };
  const directory = createDirectory({ service: "order", broker, logger });
  for (let n = 0; n < 100; n++) {
    const said = { service: "order", instance: `order-${n}`, url: "http://127.0.0.1:1", version: "1" };
    const payload = JSON.stringify({ ...said, startedAt: new Date(0).toISOString(), load: 0, ttlMs: 6_000 });
    hear(Buffer.from(payload), presenceTopic("order", `order-${n}`));
  }
  expect(directory.live()).toHaveLength(64);
});
