import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Caller } from "@orderflow/common/auth/caller";
import { createTokenSigner, internalTokenHeader } from "@orderflow/common/auth/internal-token";
import { createServiceKeys } from "@orderflow/common/auth/key-pair";
import { newId } from "@orderflow/common/ids";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { aCustomer, aPlaceInput, type OpenOrder, openOrder } from "./testing/open-order.ts";

let order: OpenOrder;
const json = { "content-type": "application/json" };

beforeAll(async () => {
  order = await openOrder();
});
afterAll(async () => {
  expect(await order.database.sql`select id from customer_order`).toHaveLength(0);
  expect(await order.database.sql`select position from event`).toHaveLength(0);
  await order.close();
});

const oversize = JSON.stringify({ ...aPlaceInput(), padding: "x".repeat(1_100_000) });

test.each([
  ["invalid JSON", "POST", "place", "{", 400, "invalid_input"],
  ["no body", "POST", "place", undefined, 400, "invalid_input"],
  ["an oversize body", "POST", "place", oversize, 413, "payload_too_large"],
  ["an unknown procedure", "POST", "plaice", "{}", 404, "unknown_procedure"],
  ["a mutation asked by GET", "GET", "place", undefined, 405, "method_not_supported"],
])("%s", async (_, method, path, body, status, reason) => {
  const headers = { ...json, ...(await order.headersOf(aCustomer())) };
  const response = await fetch(`${order.url}/trpc/${path}`, { method, headers, ...(body !== undefined && { body }) });

  expect(response.status).toBe(status);
  const { error } = (await response.json()) as { error: { data: object } };
  expect(error.data).toMatchObject({ httpStatus: status, reason });
  expect(error.data).not.toHaveProperty("stack");
});

const ada = aCustomer();
const service: Caller = { role: "service", id: "worker", name: "worker", email: "" };
const hourAgo = () => new Date(Date.now() - 3_600_000);

test.each([
  ["no token", async () => undefined, 401, "unauthenticated"],
  ["no real token", async () => "no.real.token", 401, "unauthenticated"],
  ["an expired token", () => token("gateway", ada, { now: hourAgo }), 401, "unauthenticated"],
  ["a token under a foreign key", () => foreignToken(ada), 401, "unauthenticated"],
  ["a customer vouched for by another service", () => token("worker", ada), 401, "unauthenticated"],
  ["a token for another audience", () => token("gateway", ada, { audience: "inventory" }), 401, "unauthenticated"],
  ["a service's own token", () => token("worker", service, { audience: "order" }), 401, "unauthenticated"],
])("%s cannot place an order", async (_, makeToken, status, reason) => {
  expect(await placeWith(await makeToken())).toMatchObject({ httpStatus: status, reason });
});

test.each([
  ["nobody", async () => undefined],
  ["a customer", () => token("gateway", ada)],
  ["a service that speaks to another", () => token("worker", service, { audience: "inventory" })],
])("%s cannot use what is for neighbours", async (_, makeToken) => {
  for (const path of ["fulfilment.authorizeDispatch", "fulfilment.authorizeDispatches", "events.read"]) {
    const made = await makeToken();
    const headers = { ...json, ...(made && { [internalTokenHeader]: made }) };
    const body = JSON.stringify({ orderId: newId(), stream: "order", after: 0, limit: 1 });
    const response = await fetch(`${order.url}/internal/${path}`, { method: "POST", headers, body });
    expect(response.status).toBe(401);
  }
});

test("a neighbour reads the stream, and only those that order writes", async () => {
  const client = await order.asService("inventory");
  const page = await client.events.read.query({ stream: "order", after: 0, limit: 10 });
  expect(page).toMatchObject({ head: 0, afterId: null, events: [] });
  const asked = client.events.read.query({ stream: "inventory" as "order", after: 0, limit: 10 });
  await expect(asked).rejects.toMatchObject({ data: { reason: "invalid_input" } });
});

test("it says that it is alive, ready and what it counts", async () => {
  for (const path of ["healthz", "readyz", "metrics"]) expect((await fetch(`${order.url}/${path}`)).status).toBe(200);
});

async function token(issuer: string, caller: Caller, { audience = "orderflow", now = () => new Date() } = {}) {
  const { privateKeys } = await testKeys();
  return createTokenSigner({ issuer, privateKey: privateKeys[issuer] ?? "", now }).sign(caller, audience);
}

async function foreignToken(caller: Caller): Promise<string> {
  const { privateKeys } = await createServiceKeys(["gateway"]);
  return createTokenSigner({ issuer: "gateway", privateKey: privateKeys.gateway ?? "" }).sign(caller, "orderflow");
}

async function placeWith(made: string | undefined) {
  const headers = { ...json, ...(made && { [internalTokenHeader]: made }) };
  const response = await fetch(`${order.url}/trpc/place`, {
    method: "POST",
    headers,
    body: JSON.stringify(aPlaceInput()),
  });
  const { error } = (await response.json()) as { error: { data: object } };
  return error.data;
}
