import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { deadUrl, postJson, signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";

let order: StandIn;
let inventory: StandIn;
let gateway: TestGateway;
let bearer: { authorization: string };

beforeAll(async () => {
  [order, inventory] = await Promise.all([openStandIn("order"), openStandIn("inventory")]);
  gateway = await startGateway({ ORDER_URL: order.url, INVENTORY_URL: inventory.url });
  bearer = { authorization: `Bearer ${(await signUp(gateway.url)).jwt}` };
});

beforeEach(() => {
  order.requests.length = 0;
  inventory.requests.length = 0;
});

afterAll(async () => {
  await gateway.close();
  await Promise.all([order.close(), inventory.close()]);
});

type Item = {
  result: { data: { caller: { role: string } } };
  error: { message: string; data: Record<string, unknown> };
};

async function ask(path: string, init?: RequestInit) {
  const response = await fetch(`${gateway.url}${path}`, init);
  return { response, body: (await response.json()) as Item & Item[] };
}

describe("what reaches a service", () => {
  test("is the caller under our signature, and none of the client's credentials", async () => {
    const headers = {
      ...bearer,
      "x-orderflow-token": "forged",
      cookie: "a=b",
      "x-forwarded-for": "1.2.3.4",
      connection: "x-evil",
      "x-evil": "1",
      te: "trailers",
    };
    const { response } = await ask("/trpc/order.whoAmI", { headers });
    expect(response.status).toBe(200);
    const seen = order.requests[0]?.headers;
    for (const name of ["authorization", "cookie", "x-forwarded-for", "x-evil", "te", "x-api-key"])
      expect([name, seen?.get(name)]).toEqual([name, null]);
    expect(seen?.get("x-orderflow-token")).toMatch(/^ey[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  test("a client's own internal header makes it nobody", async () => {
    const { body } = await ask("/trpc/order.whoAmI", { headers: { "x-orderflow-token": "forged" } });
    expect(body.result.data.caller.role).toBe("nobody");
    expect(order.requests[0]?.headers.has("x-orderflow-token")).toBe(false);
  });

  test.each(["a", "api", "shop.example"])("is asked for at the host %s", async (host) => {
    const { response } = await ask("/trpc/order.whoAmI", { headers: { host } });
    expect(response.status).toBe(200);
    expect((await ask("/healthz", { headers: { host } })).body).toMatchObject({ status: "ok" });
  });

  test("request, correlation and trace ids go through", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const headers = {
      "x-request-id": "req-1",
      "x-correlation-id": "corr-1",
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    };
    const { response, body } = await ask("/trpc/order.whoAmI", { headers });
    expect(body.result.data).toMatchObject({ requestId: "req-1", correlationId: "corr-1", traceId });
    expect(response.headers.get("x-request-id")).toBe("req-1");
  });

  const confusing = [
    "/trpc/order.place%2f..%2finternal%2fsecret",
    "/trpc/order.%2e%2e%2finternal%2fsecret",
    "/trpc/order.../internal/secret",
    "/trpc/../internal/secret",
    "/trpc/order/../../internal/secret",
    "/trpc//internal/secret",
    "/trpc/order.secret;x=/internal/secret",
    "/trpc/order.place\\..\\internal",
    "/trpc/internal.secret",
    "/trpc/ORDER.whoAmI",
    "/trpc/Order.whoAmI",
    "/trpc/order",
    "/trpc/order.",
    "/trpc/.order",
    "/trpc/",
    "/trpc",
    "/TRPC/order.whoAmI",
    "/internal/secret",
    "/trpc/order.%00",
    "/trpc/constructor.name",
    "/trpc/order.internal%2Fsecret,order.echo?batch=1",
    "/trpc/order.a,internal.secret,..%2f?batch=1",
    "/trpc/order.whoAmI%3fbatch=1",
    "/trpc/order.whoAmI%23",
  ];
  test.each(confusing)("%s is not what it pretends to be", async (path) => {
    const { status, text } = await rawGet(gateway.door.port, path);
    expect([404, 207]).toContain(status);
    expect(text).not.toContain('"data":"internal"');
    for (const { url } of [...order.requests, ...inventory.requests])
      expect(new URL(url).pathname).toMatch(/^\/trpc\/[A-Za-z.,]+$/);
  });
});

describe("bounds", () => {
  test("a body over 1 MiB is refused, announced or not", async () => {
    const announced = await postJson(`${gateway.url}/trpc/order.place`, { sku: "x".repeat(1_100_000) });
    expect([announced.status, ((await announced.json()) as Item).error.data.reason]).toEqual([
      413,
      "payload_too_large",
    ]);
    const chunks = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < 1_100_000; sent += 100_000) controller.enqueue(new Uint8Array(100_000));
        controller.close();
      },
    });
    const streamed = await fetch(`${gateway.url}/trpc/order.place`, { method: "POST", body: chunks });
    expect(streamed.status).toBe(413);
    expect(order.requests).toEqual([]);
  });

  test("a URL over 12 kB is refused", async () => {
    const { response, body } = await ask(`/trpc/order.echo?input=${"x".repeat(12_400)}`);
    expect([response.status, body.error.data.reason]).toEqual([413, "payload_too_large"]);
    expect(order.requests).toEqual([]);
  });

  test.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("%s is no method of ours", async (method) => {
    expect((await ask("/trpc/order.whoAmI", { method })).response.status).toBe(405);
    expect(order.requests).toEqual([]);
  });

  test("bad JSON is refused by the service, with its path", async () => {
    const { response, body } = await ask("/trpc/order.place", {
      method: "POST",
      body: "{",
      headers: { ...bearer, "content-type": "application/json" },
    });
    expect([response.status, body.error.data.path]).toEqual([400, "order.place"]);
  });
});

describe("the edge", () => {
  test("a trusted origin may ask and read, another may not", async () => {
    const preflight = (origin: string) =>
      fetch(`${gateway.url}/trpc/order.place`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
    const trusted = await preflight("http://shop.test");
    expect([trusted.status, trusted.headers.get("access-control-allow-origin")]).toEqual([204, "http://shop.test"]);
    expect(trusted.headers.get("access-control-allow-headers")).toContain("trpc-accept");
    expect((await preflight("http://evil.test")).headers.get("access-control-allow-origin")).toBeNull();
    const { response } = await ask("/trpc/order.whoAmI", { headers: { origin: "http://shop.test" } });
    expect(response.headers.get("access-control-allow-credentials")).toBe("true");
    expect(response.headers.get("vary")).toContain("origin");
  });

  test("says nothing about itself and keeps browsers from guessing", async () => {
    const { response } = await ask("/trpc/order.whoAmI");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("server")).toBeNull();
    expect(response.headers.get("x-powered-by")).toBeNull();
  });

  test("is ready only after each service was, and stays so", async () => {
    const away = await startGateway({
      ORDER_URL: order.url,
      INVENTORY_URL: inventory.url,
      NOTIFY_URL: order.url,
      WORKER_URL: deadUrl,
    });
    const notReady = await fetch(`${away.url}/readyz`);
    expect(notReady.status).toBe(503);
    expect(await notReady.json()).toMatchObject({
      checks: { database: { ok: true }, order: { ok: true }, worker: { ok: false } },
    });
    await away.close();
    const late = await openStandIn("order");
    const whole = await startGateway({
      ORDER_URL: late.url,
      INVENTORY_URL: late.url,
      NOTIFY_URL: late.url,
      WORKER_URL: late.url,
    });
    expect((await fetch(`${whole.url}/readyz`)).status).toBe(200);
    await late.close();
    expect((await fetch(`${whole.url}/readyz`)).status).toBe(200);
    await whole.close();
  });
});

/** Sends the path as it is: fetch would tidy it. */
async function rawGet(port: number, path: string): Promise<{ status: number; text: string }> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (socket) => void socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`),
      data: (_socket, bytes) => {
        text += bytes.toString();
      },
      close: () => resolve(text),
    },
  });
  await promise;
  return { status: Number(text.split(" ")[1]), text };
}
