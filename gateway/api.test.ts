import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink, TRPCClientError } from "@trpc/client";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import {
  deadUrl,
  postJson,
  type StandInRouter,
  signUp,
  startGateway,
  type TestGateway,
} from "./testing/start-gateway.ts";

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

const links = { httpLink, httpBatchLink, httpBatchStreamLink };

function client(link: keyof typeof links = "httpBatchLink", headers: Record<string, string> = bearer) {
  return createTRPCClient<StandInRouter>({ links: [links[link]({ url: `${gateway.url}/trpc`, headers })] });
}

type Item = {
  result: { data: { caller: { role: string } } };
  error: { message: string; data: Record<string, unknown> };
};

async function ask(path: string, init?: RequestInit) {
  const response = await fetch(`${gateway.url}${path}`, init);
  return { response, body: (await response.json()) as Item & Item[] };
}

describe.each(Object.keys(links) as (keyof typeof links)[])("through %s", (link) => {
  test("a query and a mutation of one service are answered", async () => {
    expect(await client(link).order.echo.query({ text: "a" })).toBe("order a");
    const placed = await client(link).order.place.mutate({ sku: "mug" });
    expect(placed.id).toBe("mug");
  });

  test("calls of one service and of several come back to who made them", async () => {
    const { order: orders, inventory: products } = client(link);
    const asked = [
      products.echo.query({ text: "1" }),
      orders.echo.query({ text: "2" }),
      products.echo.query({ text: "3" }),
    ];
    expect(await Promise.all(asked)).toEqual(["inventory 1", "order 2", "inventory 3"]);
  });

  test("mutations of several services each get their own input", async () => {
    const { order: orders, inventory: products } = client(link);
    const [delta, placed] = await Promise.all([
      products.adjust.mutate({ delta: 7 }),
      orders.place.mutate({ sku: "cup" }),
    ]);
    expect([delta, placed.id]).toEqual([7, "cup"]);
  });

  test("a refusal keeps its reason and gets its whole path back", async () => {
    const refused = await client(link)
      .order.refuse.mutate()
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TRPCClientError);
    expect((refused as TRPCClientError<StandInRouter>).data).toMatchObject({
      code: "CONFLICT",
      reason: "out_of_stock",
      path: "order.refuse",
    });
  });

  test("one failing call of a mixed batch fails alone", async () => {
    const { order: orders, inventory: products } = client(link);
    const settled = await Promise.allSettled([
      orders.echo.query({ text: "ok" }),
      products.bySku.query({ sku: "x" }),
      products.echo.query({ text: "ok" }),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((settled[1] as PromiseRejectedResult).reason.data.path).toBe("inventory.bySku");
  });

  test("a service that is away fails its own calls with a reason", async () => {
    const settled = await Promise.allSettled([client(link).order.echo.query({ text: "ok" }), notifyDeliveries(link)]);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    const { data } = (settled[1] as PromiseRejectedResult).reason;
    expect(data).toMatchObject({ code: "SERVICE_UNAVAILABLE", httpStatus: 503, reason: "dependency_unavailable" });
  });

  test("expired or foreign credentials are refused in the client's own error", async () => {
    const refused = await client(link, { authorization: "Bearer a.b.c" })
      .order.echo.query({ text: "a" })
      .catch((error: unknown) => error);
    expect((refused as TRPCClientError<StandInRouter>).data).toMatchObject({
      code: "UNAUTHORIZED",
      reason: "unauthenticated",
    });
  });
});

function notifyDeliveries(link: keyof typeof links): Promise<unknown> {
  const untyped = client(link) as unknown as { notify: { deliveries: { query(): Promise<unknown> } } };
  return untyped.notify.deliveries.query();
}

describe("batches", () => {
  test("a mixed batch whose statuses differ is 207, one whose are equal has theirs", async () => {
    const input = encodeURIComponent(JSON.stringify({ 0: { text: "a" }, 1: { sku: "x" }, 2: { text: "b" } }));
    const mixed = await ask(`/trpc/order.echo,inventory.bySku,inventory.echo?batch=1&input=${input}`);
    expect(mixed.response.status).toBe(207);
    expect(mixed.body).toMatchObject([
      { result: { data: "order a" } },
      { error: { data: { path: "inventory.bySku" } } },
      { result: { data: "inventory b" } },
    ]);
    const unknown = await ask("/trpc/order.nope,inventory.nope,other.nope?batch=1");
    expect(unknown.response.status).toBe(404);
    expect(unknown.body.map((item) => item.error.data)).toMatchObject([
      { path: "order.nope" },
      { path: "inventory.nope" },
      { path: "other.nope", reason: "unknown_procedure" },
    ]);
  });

  test("a batch of one service is one request to it, with its errors named whole", async () => {
    const input = encodeURIComponent(JSON.stringify({ 0: { sku: "x" }, 1: { text: "b" } }));
    const { response, body } = await ask(`/trpc/inventory.bySku,inventory.echo?batch=1&input=${input}`);
    expect(response.status).toBe(207);
    expect(body).toMatchObject([
      { error: { data: { path: "inventory.bySku", reason: "unknown_sku" } } },
      { result: { data: "inventory b" } },
    ]);
    expect(inventory.requests).toHaveLength(1);
  });

  test("each call of a streamed mixed batch is answered when its service has answered", async () => {
    const { order: orders, inventory: products } = client("httpBatchStreamLink");
    const finished: string[] = [];
    await Promise.all([
      products.slow.query().then(() => finished.push("slow")),
      orders.echo.query({ text: "a" }).then(() => finished.push("fast")),
    ]);
    expect(finished).toEqual(["fast", "slow"]);
  });

  test("50 calls pass, 51 do not", async () => {
    const names = (count: number) =>
      Array.from({ length: count }, (_, index) => (index % 2 ? "order.whoAmI" : "inventory.slow")).join(",");
    expect((await ask(`/trpc/${names(50)}?batch=1`)).response.status).toBe(200);
    const { response, body } = await ask(`/trpc/${names(51)}?batch=1`);
    expect([response.status, body.error.message]).toEqual([400, "A batch has at most 50 calls"]);
  });

  test.each(["{", "[]", "7", "null"])("inputs %p of a mixed batch are refused", async (input) => {
    const { response, body } = await ask(`/trpc/order.echo,inventory.echo?batch=1&input=${input}`);
    expect([response.status, body.error.data.reason]).toEqual([400, "invalid_input"]);
    const posted = await ask("/trpc/order.refuse,inventory.adjust?batch=1", {
      method: "POST",
      body: input,
      headers: { "content-type": "application/json" },
    });
    expect([posted.response.status, posted.body.error.data.reason]).toEqual([400, "invalid_input"]);
    expect([...order.requests, ...inventory.requests]).toEqual([]);
  });
});

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

test("a client that leaves takes its call at the service with it", async () => {
  const abort = new AbortController();
  const asked = fetch(`${gateway.url}/trpc/order.hang`, { signal: abort.signal }).catch(() => "left");
  await eventually(() => order.requests.length === 1);
  abort.abort();
  expect(await asked).toBe("left");
  await eventually(() => order.aborted.includes("hang"));
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
