import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { eventually } from "@orderflow/tools/testing/eventually";
import { openRestStandIn } from "./testing/rest-stand-in.ts";
import { postJson, publicUrl, signUp, startGateway, type TestGateway, trustedOrigin } from "./testing/start-gateway.ts";

setDefaultTimeout(20_000);

/** A service without a document has no REST. */
const bare = Bun.serve({ port: 0, fetch: () => new Response(null, { status: 404 }) });

let order: OpenDoor;
let gateway: TestGateway;
let caller: Awaited<ReturnType<typeof signUp>>;
let bearer: { authorization: string };

beforeAll(async () => {
  order = await openRestStandIn();
  gateway = await startGateway(
    {
      IDLE_TIMEOUT_S: "1",
      ORDER_URL: order.url,
      INVENTORY_URL: bare.url.origin,
      NOTIFY_URL: bare.url.origin,
      WORKER_URL: bare.url.origin,
    },
    { documentsRefreshMs: 50 },
  );
  caller = await signUp(gateway.url);
  bearer = { authorization: `Bearer ${caller.jwt}` };
});

afterAll(async () => {
  await gateway.close();
  await order.close();
  await bare.stop(true);
});

async function ask(path: string, init: RequestInit = {}, headers: Record<string, string> = bearer) {
  const response = await fetch(`${gateway.url}/api/v1${path}`, { ...init, headers: { ...headers, ...init.headers } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === "" ? {} : JSON.parse(text) };
}

function send(body: unknown, headers: Record<string, string> = { "idempotency-key": crypto.randomUUID() }) {
  const init = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  };
  return ask("/parcels", init);
}

const aParcel = { note: "hello", lines: [{ sku: "MUG-1" }] };

describe("an answer", () => {
  test("to what makes something is 201 with its place, and the key comes from the header", async () => {
    const key = crypto.randomUUID();
    const { status, headers, body } = await send(aParcel, { "idempotency-key": `"${key}"` });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe("/api/v1/parcels/hello%2F1");
    expect(body).toEqual({ id: "hello/1", by: expect.stringMatching(/^[\w-]{10,}$/), note: key });
  });

  test("is the procedure's, without the envelope of tRPC", async () => {
    const byRest = await ask("/parcels/p%2F1%20x");
    const input = encodeURIComponent(JSON.stringify({ parcelId: "p/1 x" }));
    const byTrpc = await fetch(`${gateway.url}/trpc/order.byId?input=${input}`, { headers: bearer });
    const { result } = (await byTrpc.json()) as { result: { data: object } };
    expect([byRest.status, byRest.body]).toEqual([200, result.data]);
    expect(byRest.headers.get("content-type")).toBe("application/json");
    expect(byRest.headers.get("x-request-id")).toBeString();
  });

  test("to a change names the thing in the path, and the change in the body", async () => {
    const headers = { "content-type": "application/json; charset=utf-8" };
    const { body } = await ask("/parcels/7", { method: "PATCH", body: '{"note":"x","parcelId":"8"}', headers });
    expect(body).toEqual({ given: { parcelId: "7", note: "x" } });
  });

  test("to HEAD is that to GET without its body", async () => {
    const { status, text, headers } = await ask("/parcels", { method: "HEAD" });
    expect([status, text, headers.get("content-type")]).toEqual([200, "", "application/json"]);
  });
});

test.each([
  ["", { limit: 20 }],
  ["?limit=3&text=a%26b&isHeavy=true", { limit: 3, text: "a&b", isHeavy: true }],
  ["?skus=A&skus=B&text=42", { limit: 20, skus: ["A", "B"], text: "42" }],
])("the query %j is read by its schema, also from nobody", async (query, given) => {
  expect((await ask(`/parcels${query}`, {}, {})).body).toEqual({ given });
});

describe("a problem is told by RFC 9457:", () => {
  type Case = [string, () => ReturnType<typeof ask>, object];
  const cases: Case[] = [
    [
      "a refusal",
      () => ask("/parcels/none"),
      {
        status: 404,
        reason: "order_not_found",
        title: "Order not found",
        type: "/problems/order_not_found",
        detail: "There is no such parcel",
        instance: "/api/v1/parcels/none",
      },
    ],
    [
      "an input that its schema refuses",
      () => ask("/parcels?limit=500"),
      { status: 400, reason: "invalid_input", fields: { limit: [expect.stringContaining("100")] } },
    ],
    [
      "a number that is none",
      () => ask("/parcels?limit=abc"),
      { status: 400, fields: { limit: [expect.stringContaining("number")] } },
    ],
    [
      "a parameter that does not exist",
      () => ask("/parcels?lmit=5"),
      { status: 400, reason: "invalid_input", fields: { lmit: ["There is no such parameter"] } },
    ],
    [
      "a field of the body",
      () => send({ note: "far too long for it", lines: [{}] }),
      { status: 400, fields: { note: [expect.any(String)], "lines.0.sku": [expect.any(String)] } },
    ],
    [
      "no idempotency key",
      () => send(aParcel, {}),
      {
        status: 400,
        detail: "The input is not valid: Idempotency-Key",
        fields: { "Idempotency-Key": [expect.any(String)] },
      },
    ],
    ["nobody", () => ask("/parcels/1", {}, {}), { status: 401, reason: "unauthenticated" }],
    [
      "a token that is no good",
      () => ask("/parcels/1", {}, { authorization: "Bearer a.b.c" }),
      { status: 401, reason: "unauthenticated" },
    ],
    [
      "a path that is none",
      () => ask("/nowhere"),
      { status: 404, reason: "unknown_path", instance: "/api/v1/nowhere" },
    ],
    ["an unmarked procedure", () => ask("/unmarked"), { status: 404, reason: "unknown_path" }],
    ["the internal door", () => ask("/..%2f..%2finternal/secret"), { status: 404, reason: "unknown_path" }],
    [
      "a method that is wrong",
      () => ask("/parcels", { method: "DELETE" }),
      { status: 405, reason: "method_not_supported" },
    ],
    [
      "a body that is no JSON",
      () => ask("/parcels", { method: "POST", body: "{", headers: { "content-type": "application/json" } }),
      { status: 400, reason: "invalid_input", detail: "The request body is not valid JSON" },
    ],
    ["a body that is a list", () => send([aParcel]), { status: 400, detail: "The request body is not an object" }],
    [
      "a body of another type",
      () =>
        ask("/parcels", {
          method: "POST",
          body: "a=b",
          headers: { "content-type": "application/x-www-form-urlencoded" },
        }),
      { status: 415, reason: "unsupported_media_type" },
    ],
    [
      "a body that is too large",
      () => send({ ...aParcel, note: "x".repeat(1_100_000) }),
      { status: 413, reason: "payload_too_large" },
    ],
    [
      "a URL that is too long",
      () => ask(`/parcels?text=${"x".repeat(13_000)}`),
      { status: 413, reason: "payload_too_large" },
    ],
    [
      "a fault of ours",
      () => ask("/parcels/broken"),
      { status: 500, title: "Internal server error", type: "about:blank", detail: "Internal server error" },
    ],
  ];

  test.each(cases)("%s", async (_, call, expected) => {
    const { status, headers, body } = await call();
    expect(body).toMatchObject(expected);
    expect(status).toBe(body.status);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(body)).not.toContain("secret cause");
  });

  test("when to ask again, what is allowed and how to sign in are headers", async () => {
    expect((await ask("/parcels/busy")).headers.get("retry-after")).toBe("7");
    expect((await ask("/parcels", { method: "DELETE" })).headers.get("allow")).toBe("GET, HEAD, POST");
    expect((await ask("/parcels/1", {}, {})).headers.get("www-authenticate")).toStartWith("Bearer");
  });

  test("each kind has a place of its own", async () => {
    const response = await fetch(`${gateway.url}/problems/out_of_stock`);
    expect(await response.json()).toEqual({
      type: "/problems/out_of_stock",
      title: "Out of stock",
      reason: "out_of_stock",
    });
    expect((await fetch(`${gateway.url}/problems/made_up`)).status).toBe(404);
  });
});

describe("the session cookie", () => {
  const patch = (origin: Record<string, string>) =>
    ask(
      "/parcels/7",
      { method: "PATCH", body: '{"note":"x"}', headers: { "content-type": "application/json", ...origin } },
      { cookie: caller.cookie },
    );

  test("reads without an origin, as a page of ours does", async () => {
    expect((await ask("/parcels/1", {}, { cookie: caller.cookie })).status).toBe(200);
  });

  test.each([
    [{ origin: publicUrl }, 200],
    [{ origin: trustedOrigin }, 200],
    [{ origin: "http://evil.test" }, 403],
    [{}, 403],
  ])("changes from %j: %d", async (origin, status) => {
    expect((await patch(origin)).status).toBe(status);
  });

  test("may be sent by a trusted page, whose browser asks before", async () => {
    const headers = { origin: trustedOrigin, "access-control-request-method": "PATCH" };
    const response = await fetch(`${gateway.url}/api/v1/parcels/7`, { method: "OPTIONS", headers });
    expect(response.headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(response.headers.get("access-control-allow-headers")).toContain("idempotency-key");
  });
});

test("a subscription is a stream of events, which goes on after the last one seen", async () => {
  const open = (headers: Record<string, string>) =>
    fetch(`${gateway.url}/api/v1/parcels/1/steps`, { headers: { ...bearer, accept: "text/event-stream", ...headers } });
  const all = await open({});
  expect(all.headers.get("content-type")).toStartWith("text/event-stream");
  expect([...(await all.text()).matchAll(/data: (\{"step":\d\})/g)].map(([, data]) => data)).toHaveLength(3);
  const rest = await (await open({ "last-event-id": "2" })).text();
  expect(rest).toContain('data: {"step":3}\nid: 3');
  expect(rest).not.toContain('{"step":2}');
});

test("a subscription that is refused is a problem, so that an EventSource does not try for ever", async () => {
  const headers = { accept: "text/event-stream" };
  expect(await ask("/parcels/1/steps", { headers }, {})).toMatchObject({
    status: 401,
    body: { reason: "unauthenticated" },
  });
  const invalid = await ask("/parcels/1/steps", { headers: { ...headers, "last-event-id": "abc" } });
  expect([invalid.status, invalid.body.fields]).toEqual([400, { "Last-Event-ID": [expect.any(String)] }]);
});

test("a subscription that has nothing to tell yet is open, and outlives the idle timeout", async () => {
  const leaving = new AbortController();
  const url = `${gateway.url}/api/v1/parcels/quiet/steps`;
  const response = await fetch(url, { headers: { ...bearer, accept: "text/event-stream" }, signal: leaving.signal });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  let text = "";
  for await (const bytes of response.body ?? []) {
    text += new TextDecoder().decode(bytes);
    if (text.includes("event: ping")) break;
  }
  expect(text).toContain("event: ping");
  leaving.abort();
});

test("the gateway's document has what the service's says, and no unmarked procedure", async () => {
  const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as { paths: Record<string, object> };
  expect(Object.keys(document.paths)).toContain("/api/v1/parcels/{parcelId}/steps");
  expect(JSON.stringify(document)).not.toContain("unmarked");
  expect((await fetch(`${gateway.url}/docs`)).headers.get("content-type")).toStartWith("text/html");
  const asyncApi = (await (await fetch(`${gateway.url}/asyncapi.json`)).json()) as { asyncapi: string };
  expect(asyncApi.asyncapi).toBe("3.0.0");
});

test("while a service was never heard of, what is at a path is not known", async () => {
  const other = await startGateway({ ORDER_URL: order.url });
  const response = await fetch(`${other.url}/api/v1/products`);
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await fetch(`${other.url}/api/v1/parcels`)).status).toBe(200);
  await other.close();
});

test("a procedure that a service adds is there by tRPC, by REST and in the document, and the last document outlives the service", async () => {
  expect((await ask("/parcels/1/weight", {}, {})).status).toBe(404);
  const { port } = order;
  await order.close();
  await eventually(async () => expect((await ask("/parcels/1")).body.reason).toBe("dependency_unavailable"));
  order = await openRestStandIn({ port, isLater: true });
  await eventually(async () => expect((await ask("/parcels/1/weight", {}, {})).body).toEqual({ grams: 1_200 }), {
    timeoutMs: 10_000,
  });
  expect((await postJson(`${gateway.url}/trpc/order.weigh`, { parcelId: "1" })).status).toBe(200);
  expect(await (await fetch(`${gateway.url}/openapi.json`)).text()).toContain("/api/v1/parcels/{parcelId}/weight");
});
