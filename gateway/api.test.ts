import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTRPCClient, httpBatchLink, httpBatchStreamLink, httpLink, TRPCClientError } from "@trpc/client";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { type StandInRouter, signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";

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

test("a client that leaves takes its call at the service with it", async () => {
  const abort = new AbortController();
  const asked = fetch(`${gateway.url}/trpc/order.hang`, { signal: abort.signal }).catch(() => "left");
  await eventually(() => order.requests.length === 1);
  abort.abort();
  expect(await asked).toBe("left");
  await eventually(() => order.aborted.includes("hang"));
});

test("clients that say they have no time close a service to nobody", async () => {
  const echo = async (headers: Record<string, string> = {}) => {
    const input = encodeURIComponent('{"text":"hello"}');
    return (await fetch(`${gateway.url}/trpc/order.echo?input=${input}`, { headers })).status;
  };
  const patient: number[] = [];
  for (let asked = 0; asked < 100; asked++) {
    await echo({ "x-orderflow-deadline": "1" });
    if (asked % 10 === 9) patient.push(await echo());
  }
  expect(patient).toEqual(patient.map(() => 200));
});
