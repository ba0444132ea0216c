import { describe, expect, test } from "bun:test";
import { freePort } from "@orderflow/tools/embedded/ports";
import { createClient, OrderflowError } from "./main.ts";
import { type Asked, data, openFakeGateway, refusal } from "./testing/fake-gateway.ts";

const anOrder = {
  lines: [{ sku: "MUG-0001", quantity: 1 }],
  shippingAddress: { name: "Ada", line1: "12 St James Square", city: "London", postalCode: "SW1Y 4JH", country: "GB" },
};
const away = (headers = {}) => refusal(503, { reason: "dependency_unavailable" }, headers);

async function failureOf(call: Promise<unknown>): Promise<OrderflowError> {
  const error = await call.then(
    () => new Error("it was answered"),
    (cause: unknown) => cause,
  );
  if (!(error instanceof OrderflowError)) throw error;
  return error;
}

function keysOf(asked: Asked[]): unknown[] {
  return asked.map(({ body }) => JSON.parse(body)[0].idempotencyKey);
}

describe("trying again", () => {
  test("a query that met 502, 503, 504 and 429 is answered", async () => {
    const statuses = [502, 503, 504, 429];
    using gateway = openFakeGateway((_, count) => (count > 4 ? data("found") : refusal(statuses[count - 1] ?? 503)));
    expect(await createClient({ url: gateway.url }).inventory.bySku.query({ sku: "A" })).toBe("found" as never);
    expect(gateway.asked).toHaveLength(5);
  });

  test("a mutation gets a key, and keeps it", async () => {
    using gateway = openFakeGateway((_, count) => (count > 2 ? data({ id: "1" }) : away()));
    await createClient({ url: gateway.url }).order.place.mutate(anOrder);
    const keys = keysOf(gateway.asked);
    expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(3);
  });

  test("the caller's own key is sent, and another call gets another", async () => {
    using gateway = openFakeGateway(() => data({ id: "1" }));
    const { order } = createClient({ url: gateway.url });
    await order.place.mutate({ ...anOrder, idempotencyKey: "mine" });
    await order.place.mutate(anOrder);
    await order.place.mutate({ ...anOrder, idempotencyKey: undefined });
    const keys = keysOf(gateway.asked);
    expect(keys[0]).toBe("mine");
    expect(new Set(keys).size).toBe(3);
  });

  test("a mutation without a key is made once, whatever became of it", async () => {
    using gateway = openFakeGateway(() => away());
    const { account } = createClient({ url: gateway.url });
    expect((await failureOf(account.sessions.revoke.mutate({ sessionId: "s" }))).httpStatus).toBe(503);
    expect(gateway.asked).toHaveLength(1);
  });

  test("a mutation without a key that was refused before it began is made again", async () => {
    using gateway = openFakeGateway((_, count) =>
      count > 1 ? data({ sessionId: "s" }) : refusal(429, { reason: "rate_limited" }, { "retry-after": "0" }),
    );
    await createClient({ url: gateway.url }).account.sessions.revoke.mutate({ sessionId: "s" });
    expect(gateway.asked).toHaveLength(2);
  });

  test("Retry-After is waited for", async () => {
    using gateway = openFakeGateway((_, count) => (count > 1 ? data("found") : away({ "retry-after": "1" })));
    const startedAt = performance.now();
    await createClient({ url: gateway.url }).inventory.bySku.query({ sku: "A" });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_000);
  });

  test("who would have to wait longer than the time there is, is told at once, and how long", async () => {
    using gateway = openFakeGateway(() => away({ "retry-after": "60" }));
    const error = await failureOf(createClient({ url: gateway.url }).inventory.bySku.query({ sku: "A" }));
    expect([error.reason, error.retryAfterS]).toEqual(["dependency_unavailable", 60]);
    expect(gateway.asked).toHaveLength(1);
  });

  test("a gateway that is away is waited for, but no longer than asked", async () => {
    const port = await freePort();
    const { inventory } = createClient({ url: `http://127.0.0.1:${port}` });
    const error = await failureOf(inventory.bySku.query({ sku: "A" }, { timeoutMs: 300 }));
    expect(["network_error", "timeout"]).toContain(error.reason);
    const asked = inventory.bySku.query({ sku: "A" });
    using _gateway = openFakeGateway(() => data("found"), port);
    expect(await asked).toBe("found" as never);
  });

  test("a gateway that says nothing costs the time that was given", async () => {
    using gateway = openFakeGateway(() => new Promise<never>(() => undefined));
    const { inventory } = createClient({ url: gateway.url });
    expect((await failureOf(inventory.bySku.query({ sku: "A" }, { timeoutMs: 100 }))).reason).toBe("timeout");
  });
});

describe("what fails", () => {
  test("a refusal is an error with its reason, fields, path and trace id, and is asked once", async () => {
    const fields = { "lines.0.sku": ["no such product"] };
    using gateway = openFakeGateway(() => refusal(404, { reason: "unknown_sku", path: "order.place", fields }));
    const error = await failureOf(createClient({ url: gateway.url }).order.place.mutate(anOrder));
    expect(error).toMatchObject({
      name: "OrderflowError",
      message: "No",
      reason: "unknown_sku",
      httpStatus: 404,
      path: "order.place",
      traceId: "trace-1",
      fields,
    });
    expect(gateway.asked).toHaveLength(1);
  });

  test("a fault of the shop is not asked for twice", async () => {
    using gateway = openFakeGateway(() => refusal(500));
    const { inventory } = createClient({ url: gateway.url });
    expect((await failureOf(inventory.bySku.query({ sku: "A" }))).reason).toBe("internal_error");
    expect(gateway.asked).toHaveLength(1);
  });

  test("a proxy's page is an error of its status", async () => {
    using gateway = openFakeGateway(() => new Response("<h1>Forbidden</h1>", { status: 403 }));
    const { inventory } = createClient({ url: gateway.url });
    expect(await failureOf(inventory.bySku.query({ sku: "A" }))).toMatchObject({
      reason: "forbidden",
      httpStatus: 403,
    });
  });

  test("who leaves is told so at once, and the request goes with him", async () => {
    const left = Promise.withResolvers<void>();
    using gateway = openFakeGateway(() => new Promise<never>(() => left.resolve()));
    const leaving = new AbortController();
    const { inventory } = createClient({ url: gateway.url });
    const asked = failureOf(inventory.bySku.query({ sku: "A" }, { signal: leaving.signal }));
    await left.promise;
    leaving.abort();
    expect((await asked).reason).toBe("aborted");
    expect((await failureOf(inventory.bySku.query({ sku: "A" }, { signal: leaving.signal }))).reason).toBe("aborted");
    expect(gateway.asked).toHaveLength(1);
  });
});

describe("travelling together", () => {
  const answerEach = ({ path }: Asked) => ({
    body: (path.split("?")[0] ?? "").split(",").map((name) => ({ result: { data: name } })),
  });

  test("calls of one tick are one request, at most 50 of them", async () => {
    using gateway = openFakeGateway(answerEach);
    const { inventory } = createClient({ url: gateway.url });
    await Promise.all(Array.from({ length: 60 }, () => inventory.bySku.query({ sku: "A" })));
    expect(gateway.asked.map(({ path }) => path.split(",").length)).toEqual([50, 10]);
  });

  test("calls of different callers do not, though one client makes them in one tick", async () => {
    using gateway = openFakeGateway(({ path, headers }) => ({
      body: path.split(",").map(() => ({ result: { data: headers.get("authorization") } })),
    }));
    const callers = ["alice", "bob", "alice", "bob"];
    const asking = [...callers];
    const { account } = createClient({
      url: gateway.url,
      authentication: { bearer: () => asking.shift() ?? "nobody" },
    });
    expect(await Promise.all(callers.map(() => account.me.query()))).toEqual(
      callers.map((caller) => `Bearer ${caller}`) as never,
    );
    expect(gateway.asked).toHaveLength(2);
  });

  test("URLs stay below 8,000 characters, and a query too long for one is posted", async () => {
    using gateway = openFakeGateway(answerEach);
    const { inventory } = createClient({ url: gateway.url });
    const skus = (count: number) => Array.from({ length: count }, (_, index) => `SKU-${index}-${"x".repeat(40)}`);
    await Promise.all([
      ...Array.from({ length: 8 }, () => inventory.availability.query({ skus: skus(30) })),
      inventory.availability.query({ skus: skus(100) }),
    ]);
    expect(Math.max(...gateway.asked.map(({ path }) => path.length))).toBeLessThan(8_000);
    expect(gateway.asked.map(({ method }) => method).sort()).toEqual([
      ...Array(gateway.asked.length - 1).fill("GET"),
      "POST",
    ]);
  });
});

test("what is no call says so, and the client can be awaited and passed about", async () => {
  const client = createClient({ url: "http://127.0.0.1:9" });
  expect(await Promise.resolve(client)).toBeFunction();
  const wrong = client as unknown as { order: { place(): void } };
  expect(() => wrong.order.place()).toThrow("order.place is no call");
});
