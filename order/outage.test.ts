import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { Caller } from "@orderflow/common/auth/caller";
import { createTokenSigner } from "@orderflow/common/auth/internal-token";
import { newId } from "@orderflow/common/ids";
import { fixedPeers } from "@orderflow/common/resilience/testing/fixed-peers";
import { freePort } from "@orderflow/tools/embedded/ports";
import { eventually } from "@orderflow/tools/testing/eventually";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { createInventory } from "./providers/inventory.ts";
import { type OpenOrder, openOrder } from "./testing/open-order.ts";

const ann: Caller = { role: "customer", id: newId(), name: "Ann", email: "ann@example.com" };
const shippingAddress = { name: "Ann", line1: "1 Road", city: "London", postalCode: "SW1", country: "GB" };
let order: OpenOrder;
let port: number;
let inventory: Bun.Server<undefined> | undefined;

beforeAll(async () => {
  const { privateKeys } = await testKeys();
  port = await freePort();
  const signer = createTokenSigner({ issuer: "order", privateKey: privateKeys.order ?? "" });
  const peers = fixedPeers({ inventory: `http://127.0.0.1:${port}` });
  order = await openOrder({ inventory: createInventory({ peers, signer }) });
});
afterEach(() => inventory?.stop(true));
afterAll(() => order.close());

function openInventory(answer: (request: Request) => Promise<Response>) {
  inventory = Bun.serve({ hostname: "127.0.0.1", port, idleTimeout: 0, fetch: answer });
}

async function quote(request: Request): Promise<Response> {
  const { skus } = (await request.json()) as { skus: string[] };
  const unitPrice = { amountMinor: 450, currency: "EUR" };
  const quotes = skus.map((sku) => ({ sku, name: "Green tea", unitPrice, available: 10 }));
  return Response.json({ result: { data: { quotes } } });
}

async function place() {
  const startedAt = performance.now();
  const response = await fetch(`${order.url}/trpc/place`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(await order.headersOf(ann)) },
    body: JSON.stringify({ idempotencyKey: newId(), lines: [{ sku: "TEA-1", quantity: 1 }], shippingAddress }),
  });
  const { error } = (await response.json()) as { error?: { data: { reason: string } } };
  const tookMs = performance.now() - startedAt;
  return {
    status: response.status,
    reason: error?.data.reason,
    retryAfter: response.headers.get("retry-after"),
    tookMs,
  };
}

const unavailable = { status: 503, reason: "dependency_unavailable", retryAfter: "1" };

test("with inventory down an order is refused within 100 ms, orders are read, and placing comes back by itself", async () => {
  openInventory(quote);
  expect((await place()).status).toBe(200);
  await inventory?.stop(true);
  const tookMs: number[] = [];
  for (let n = 0; n < 20; n++) {
    const answer = await place();
    expect(answer).toMatchObject(unavailable);
    tookMs.push(answer.tookMs);
    expect((await (await order.as(ann)).list.query({})).items).toHaveLength(1);
  }
  // Of most: this process may be the one that has to wait.
  expect(tookMs.sort((a, b) => a - b)[15]).toBeLessThan(100);
  openInventory(quote);
  await eventually(async () => expect((await place()).status).toBe(200));
});

test("an inventory that hangs is waited for by few", async () => {
  openInventory(() => new Promise<Response>(() => undefined));
  // Those that arrive while one waits form its next batch, so it takes some rounds until the breaker has seen enough.
  await eventually(
    async () => {
      const answers = await Promise.all(Array.from({ length: 4 }, place));
      for (const answer of answers) expect(answer).toMatchObject(unavailable);
      expect(Math.max(...answers.map(({ tookMs }) => tookMs))).toBeLessThan(100);
    },
    { timeoutMs: 25_000 },
  );
}, 40_000);
