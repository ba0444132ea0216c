import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import { TRPCClientError } from "@trpc/client";
import { type Shop, signIn } from "./support/shop.ts";
import { type System, startSystem } from "./support/start-system.ts";

setDefaultTimeout(20_000);

let system: System;
let customer: { shop: Shop; headers: { authorization: string } };
let sku: string;

beforeAll(async () => {
  system = await startSystem();
  customer = await signIn(system, "customer");
  const { items } = await customer.shop.inventory.search.query({ limit: 1 });
  sku = items[0]?.sku ?? "";
}, 90_000);

afterAll(() => system?.stop(), 60_000);

async function rest(path: string, init: RequestInit = {}) {
  const response = await fetch(`${system.gateway}/api/v1${path}`, {
    ...init,
    headers: { ...customer.headers, ...init.headers },
  });
  // biome-ignore lint/suspicious/noExplicitAny: A test looks into answers as they come.
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

function post(path: string, body: object, key: string = newId()) {
  const headers = { "content-type": "application/json", "idempotency-key": key };
  return rest(path, { method: "POST", body: JSON.stringify(body), headers });
}

const anOrder = () => ({ lines: [{ sku, quantity: 1 }], shippingAddress: anAddress });

describe("REST and tRPC are two names of the same procedures:", () => {
  test("an order placed by one is read, listed and told of by the other", async () => {
    const placed = await post("/orders", anOrder());
    expect(placed.status).toBe(201);
    const { id } = placed.body;
    expect(placed.headers.get("location")).toBe(`/api/v1/orders/${id}`);
    await eventually(async () => (await customer.shop.order.byId.query({ orderId: id })).status === "delivered", {
      timeoutMs: 30_000,
    });
    expect((await rest(`/orders/${id}`)).body).toEqual(await customer.shop.order.byId.query({ orderId: id }));
    expect((await rest("/orders?limit=1")).body).toEqual(await customer.shop.order.list.query({ limit: 1 }));
    expect((await rest(`/orders/${id}/timeline`)).body).toEqual(
      await customer.shop.order.timeline.query({ orderId: id }),
    );
    expect((await rest("/products?text=mug&limit=2")).body).toEqual(
      await customer.shop.inventory.search.query({ text: "mug", limit: 2 }),
    );
  }, 60_000);

  test("the same key is the same order, whichever way it is sent", async () => {
    const idempotencyKey = newId();
    const byTrpc = await customer.shop.order.place.mutate({ idempotencyKey, ...anOrder() });
    const byRest = await post("/orders", anOrder(), idempotencyKey);
    expect([byRest.status, byRest.body.id]).toEqual([201, byTrpc.id]);
    const other = await post("/orders", { ...anOrder(), lines: [{ sku, quantity: 2 }] }, idempotencyKey);
    expect([other.status, other.body.reason]).toEqual([409, "idempotency_key_reused"]);
  });

  test("an order placed by tRPC is cancelled by REST", async () => {
    const { id } = await customer.shop.order.place.mutate({ idempotencyKey: newId(), ...anOrder() });
    const cancelled = await post(`/orders/${id}/cancel`, { reason: "Ordered twice" });
    expect([cancelled.status, cancelled.body.status]).toEqual([200, "cancelled"]);
    expect((await customer.shop.order.byId.query({ orderId: id })).status).toBe("cancelled");
  });

  const ghost = "0193a7c4-31b4-7d0e-8b6a-5f2c9e7d1a42";
  test.each([
    ["a refusal", () => rest(`/orders/${ghost}`), () => customer.shop.order.byId.query({ orderId: ghost })],
    ["bad input", () => rest("/orders?limit=500"), () => customer.shop.order.list.query({ limit: 500 })],
    ["a role too low", () => rest("/jobs"), () => customer.shop.worker.jobs.query({})],
    [
      "an unknown product",
      () => post("/orders", { ...anOrder(), lines: [{ sku: "NONE-1", quantity: 1 }] }),
      () => {
        const lines = [{ sku: "NONE-1", quantity: 1 }];
        return customer.shop.order.place.mutate({ idempotencyKey: newId(), ...anOrder(), lines });
      },
    ],
  ] as const)("%s is told in the same words", async (_, byRest, byTrpc) => {
    const { status, headers, body } = await byRest();
    const error = await byTrpc().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof TRPCClientError)) throw new Error("It was not refused");
    const { httpStatus, reason, fields } = error.data;
    expect({ status, detail: body.detail, reason: body.reason, fields: body.fields }).toEqual({
      status: httpStatus,
      detail: error.message,
      reason,
      fields,
    });
    expect(headers.get("content-type")).toBe("application/problem+json");
  });
});

test("an order is followed by server-sent events", async () => {
  const { id } = (await post("/orders", anOrder())).body;
  const headers = { ...customer.headers, accept: "text/event-stream" };
  const response = await fetch(`${system.gateway}/api/v1/orders/${id}/watch`, { headers });
  const text = await response.text();
  const statuses = [...text.matchAll(/^data: (\{"id".*\})$/gm)].map(([, data = ""]) => JSON.parse(data).status);
  expect(new Set(statuses)).toContain("confirmed");
  expect(statuses.at(-1)).toBe("delivered");
}, 30_000);

test("every operation of the gateway's document reaches a procedure", async () => {
  const document = (await (await fetch(`${system.gateway}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ path, method, operationId })),
  );
  expect(operations.length).toBeGreaterThan(30);
  for (const { path, method, operationId } of operations) {
    const url = system.gateway + path.replaceAll(/\{\w+\}/g, "1");
    const response = await fetch(url, { method: method.toUpperCase() });
    const { reason } = (await response.json()) as { reason?: string };
    expect([operationId, ["unknown_path", "unknown_procedure", "method_not_supported"].includes(reason ?? "")]).toEqual(
      [operationId, false],
    );
    expect([operationId, response.status < 500]).toEqual([operationId, true]);
  }
});
