import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { eventually } from "@orderflow/tools/testing/eventually";
import { readGatewayConfig } from "./config.ts";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { postJson, signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";

let order: StandIn;
const open: TestGateway[] = [];

beforeAll(async () => {
  order = await openStandIn("order");
});

afterAll(async () => {
  await Promise.all(open.map((gateway) => gateway.close()));
  await order.close();
});

async function start(settings: Record<string, string>): Promise<TestGateway> {
  const gateway = await startGateway({ ORDER_URL: order.url, ...settings });
  open.push(gateway);
  return gateway;
}

const ask = (gateway: TestGateway, headers: Record<string, string> = {}, path = "/trpc/order.whoAmI") =>
  fetch(gateway.url + path, { headers });

async function statuses(count: number, one: () => Promise<Response>): Promise<number[]> {
  const all: number[] = [];
  for (let made = 0; made < count; made++) all.push((await one()).status);
  return all;
}

describe("a caller's limit", () => {
  test("is told with each answer, and past it with when to come back", async () => {
    const gateway = await start({ RATE_LIMIT_CALLER_PER_MINUTE: "3" });
    const { jwt } = await signUp(gateway.url);
    const headers = { authorization: `Bearer ${jwt}` };
    const first = await ask(gateway, headers);
    expect(first.headers.get("ratelimit-policy")).toBe('"address";q=60000;w=60, "caller";q=3;w=60');
    expect(first.headers.get("ratelimit")).toMatch(/^"address";r=599\d\d;t=\d+, "caller";r=2;t=60$/);
    await ask(gateway, headers);
    await ask(gateway, headers);
    const over = await ask(gateway, headers);
    const { error } = (await over.json()) as { error: { message: string; data: Record<string, unknown> } };
    expect([over.status, error.data.code, error.data.reason]).toEqual([429, "TOO_MANY_REQUESTS", "rate_limited"]);
    expect(error.message).toBe("There may be 3 calls of one caller in a minute");
    expect(Number(over.headers.get("retry-after"))).toBeWithin(1, 61);
    expect(over.headers.get("ratelimit")).toContain('"caller";r=0');
  });

  test("is each caller's own, and each key's", async () => {
    const gateway = await start({ RATE_LIMIT_CALLER_PER_MINUTE: "2" });
    const [ann, bob] = [await signUp(gateway.url), await signUp(gateway.url)];
    const annHeaders = { authorization: `Bearer ${ann.jwt}` };
    const made = await postJson(
      `${gateway.url}/trpc/account.apiKeys.create`,
      { idempotencyKey: crypto.randomUUID(), name: "k", scopes: ["order:read"] },
      annHeaders,
    );
    const { result } = (await made.json()) as { result: { data: { key: string } } };
    expect(await statuses(2, () => ask(gateway, annHeaders))).toEqual([200, 429]);
    expect(await statuses(3, () => ask(gateway, { "x-api-key": result.data.key }))).toEqual([200, 200, 429]);
    expect(await statuses(3, () => ask(gateway, { authorization: `Bearer ${bob.jwt}` }))).toEqual([200, 200, 429]);
    expect(await statuses(3, () => ask(gateway))).toEqual([200, 200, 429]);
  });

  test("counts calls, so a batch saves nothing", async () => {
    const gateway = await start({ RATE_LIMIT_CALLER_PER_MINUTE: "10" });
    const batch = `/trpc/${Array(6).fill("order.whoAmI").join(",")}?batch=1`;
    expect(await statuses(2, () => ask(gateway, {}, batch))).toEqual([200, 429]);
  });

  test("holds for REST, in its own words", async () => {
    const gateway = await start({ RATE_LIMIT_ADDRESS_PER_MINUTE: "1" });
    await ask(gateway, {}, "/api/v1/orders");
    const over = await ask(gateway, {}, "/api/v1/orders");
    expect([over.status, over.headers.get("content-type")]).toEqual([429, "application/problem+json"]);
    expect(await over.json()).toMatchObject({ status: 429, reason: "rate_limited", instance: "/api/v1/orders" });
    expect(Number(over.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("0 is none, and sends no headers", async () => {
    const gateway = await start({ RATE_LIMIT_CALLER_PER_MINUTE: "0", RATE_LIMIT_ADDRESS_PER_MINUTE: "0" });
    const { status, headers } = await ask(gateway);
    expect([status, headers.get("ratelimit"), headers.get("ratelimit-policy")]).toEqual([200, null, null]);
  });
});

describe("an address's limit", () => {
  const settings = { RATE_LIMIT_ADDRESS_PER_MINUTE: "2" };
  const from = (address: string) => ({ "x-forwarded-for": address });

  test("counts what comes before anybody is known, accounts too", async () => {
    const gateway = await start(settings);
    const badToken = { authorization: "Bearer a.b.c" };
    expect(await statuses(3, () => ask(gateway, badToken))).toEqual([401, 401, 429]);
    const over = await ask(gateway, {}, "/auth/get-session");
    expect([over.status, ((await over.json()) as { code: string }).code]).toEqual([429, "TOO_MANY_REQUESTS"]);
    expect((await ask(gateway, {}, "/healthz")).status).toBe(200);
  });

  test("is the connection's, whatever a client claims", async () => {
    const gateway = await start(settings);
    let claimed = 0;
    expect(await statuses(3, () => ask(gateway, from(`192.0.2.${claimed++}`)))).toEqual([200, 200, 429]);
  });

  test("is the client's behind a proxy that is trusted, for IPv6 that of its /64", async () => {
    const gateway = await start({ ...settings, TRUSTED_PROXIES: "127.0.0.0/8, ::1" });
    expect(await statuses(3, () => ask(gateway, from("192.0.2.1")))).toEqual([200, 200, 429]);
    expect((await ask(gateway, from("192.0.2.2"))).status).toBe(200);
    expect((await ask(gateway, from("192.0.2.1, 192.0.2.3"))).status).toBe(200);
    let host = 0;
    expect(await statuses(3, () => ask(gateway, from(`2001:db8:1:2::${++host}`)))).toEqual([200, 200, 429]);
    expect((await ask(gateway, from("2001:db8:1:3::1"))).status).toBe(200);
  });

  test("throttles passwords for the client behind the proxy", async () => {
    const gateway = await start({ TRUSTED_PROXIES: "127.0.0.1", AUTH_RATE_LIMIT_MAX: "2" });
    const wrong = { email: "a@example.com", password: "wrong horse" };
    const signIn = (address: string) => postJson(`${gateway.url}/auth/sign-in/email`, wrong, from(address));
    expect(await statuses(3, () => signIn("192.0.2.1"))).toEqual([401, 401, 429]);
    expect((await signIn("192.0.2.2")).status).toBe(401);
  });

  test.each(["10.0.0.0/33", "proxy.example", "10.0.0", "::1/129"])("TRUSTED_PROXIES=%s does not start", (setting) => {
    expect(() => readGatewayConfig({ TRUSTED_PROXIES: setting })).toThrow("TRUSTED_PROXIES");
  });
});

describe("several gateways", () => {
  test("count together in their database", async () => {
    const settings = { RATE_LIMIT_STORE: "database", RATE_LIMIT_CALLER_PER_MINUTE: "4" };
    const one = await start(settings);
    const other = await start({ ...settings, DATABASE_URL: one.database.url });
    const answers = await Promise.all([one, other, one, other, one, other].map((gateway) => ask(gateway)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 429, 429]);
  });

  test("count each for itself while the database is away, rather than refuse everybody", async () => {
    const gateway = await start({ RATE_LIMIT_STORE: "database", RATE_LIMIT_CALLER_PER_MINUTE: "2" });
    await gateway.database.sql`alter table rate_limit rename to gone`;
    expect(await statuses(3, () => ask(gateway))).toEqual([200, 200, 429]);
  });

  test("do so too while the database hangs, without waiting for it, and count together again when it answers", async () => {
    const gateway = await start({ RATE_LIMIT_STORE: "database", RATE_LIMIT_CALLER_PER_MINUTE: "2" });
    const { sql } = gateway.database;
    await sql.begin(async (tx) => {
      await tx`lock table rate_limit in access exclusive mode`;
      const startedAt = performance.now();
      expect(await statuses(3, () => ask(gateway))).toEqual([200, 200, 429]);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    });
    await eventually(async () => {
      await ask(gateway);
      expect(await sql`select key from rate_limit where points > 1`).not.toBeEmpty();
    });
  }, 30_000);
});

describe("who is slow to ask", () => {
  /** Sends `head`, then a byte every 200 ms, or nothing at all without one. Gives how long the connection was kept. */
  async function dripMs(gateway: TestGateway, head?: string): Promise<number> {
    const startedAt = performance.now();
    const socket = connect(gateway.door.port, "127.0.0.1");
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on("close", () => resolve()).on("error", () => resolve());
    if (head) socket.on("connect", () => socket.write(head));
    const drip = head && setInterval(() => socket.write("a"), 200);
    await promise;
    clearInterval(drip);
    return performance.now() - startedAt;
  }

  test("is cut off, in the head, in the body, and without a word", async () => {
    const gateway = await start({ IDLE_TIMEOUT_S: "1" });
    const events = "accept: text/event-stream";
    const post =
      "POST /trpc/order.place HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n";
    const kept = await Promise.all([
      dripMs(gateway, "GET /trpc/order.whoAmI HTTP/1.1\r\nhost: localhost\r\nx-slow: "),
      dripMs(gateway, `${post}{`),
      dripMs(gateway, post.replace("/trpc/order.place", "/auth/sign-in/email")),
      dripMs(gateway, post.replace("/trpc/order.place HTTP/1.1", `/auth/sign-in/email HTTP/1.1\r\n${events}`)),
      dripMs(gateway),
    ]);
    expect(kept.filter((ms) => ms > 15_000)).toEqual([]);
    expect((await ask(gateway)).status).toBe(200);
  }, 40_000);

  test("is cut off after a subscription that has ended, too", async () => {
    const gateway = await start({ IDLE_TIMEOUT_S: "1" });
    const head = "GET /trpc/order.failingWatch HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n";
    expect(await dripMs(gateway, head)).toBeLessThan(15_000);
  }, 40_000);

  test("but a subscription may be silent for longer", async () => {
    const gateway = await start({ IDLE_TIMEOUT_S: "1" });
    const input = encodeURIComponent(JSON.stringify({ count: 1 }));
    const leaving = new AbortController();
    const response = await fetch(`${gateway.url}/trpc/order.watch?input=${input}`, {
      headers: { accept: "text/event-stream" },
      signal: leaving.signal,
    });
    const reader = response.body?.getReader();
    const startedAt = performance.now();
    let text = "";
    while (performance.now() - startedAt < 8_000) text += new TextDecoder().decode((await reader?.read())?.value);
    expect(text.match(/event: ping/g)?.length).toBeGreaterThan(0);
    leaving.abort();
  }, 40_000);
});

test("a head of more than 16 kB is refused", async () => {
  const gateway = await start({});
  expect((await ask(gateway, { "x-long": "a".repeat(17_000) })).status).toBe(431);
});
