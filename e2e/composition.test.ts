import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { AppRouter } from "@orderflow/gateway/router";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  TRPCClientError,
} from "@trpc/client";
import { EventSource } from "eventsource";
import { type Shop, signIn } from "./support/shop.ts";
import { type System, startSystem } from "./support/start-system.ts";

const links = { httpLink, httpBatchLink, httpBatchStreamLink };
type Link = keyof typeof links;

let system: System;
let headers: { authorization: string };
let sku: string;

beforeAll(async () => {
  system = await startSystem();
  ({ headers } = await signIn(system, "customer"));
  const { items } = await shop("httpLink").inventory.search.query({ limit: 1 });
  sku = items[0]?.sku ?? "";
}, 120_000);
afterAll(() => system?.stop(), 60_000);

/** The library's own links, against the services as they are. */
function shop(link: Link, options: Partial<ReturnType<typeof counting>> = {}): Shop {
  return createTRPCClient<AppRouter>({
    links: [links[link]({ url: `${system.gateway}/trpc`, headers, ...(options.fetch && { fetch: options.fetch }) })],
  });
}

function counting() {
  const asked: string[] = [];
  return {
    asked,
    fetch(input: unknown, init: unknown): Promise<never> {
      asked.push(String(input));
      // The library's own type of a response differs from the platform's in how its body is typed.
      return fetch(String(input), init as RequestInit) as Promise<never>;
    },
  };
}

const placing = () => ({
  idempotencyKey: crypto.randomUUID(),
  lines: [{ sku, quantity: 1 }],
  shippingAddress: anAddress,
});

async function errorOf(call: Promise<unknown>): Promise<TRPCClientError<AppRouter>> {
  const error = await call.then(
    () => new Error("it was answered"),
    (cause: unknown) => cause,
  );
  if (!(error instanceof TRPCClientError)) throw error;
  return error;
}

describe.each(Object.keys(links) as Link[])("through %s", (link) => {
  test("queries of all services, made together, come back to who made them", async () => {
    const { fetch, asked } = counting();
    const { account, order, inventory } = shop(link, { fetch });
    const [me, { items }, product, found] = await Promise.all([
      account.me.query(),
      order.list.query({ limit: 1 }),
      inventory.bySku.query({ sku }),
      inventory.availability.query({ skus: [sku] }),
    ]);
    expect(me.role).toBe("customer");
    expect(items.length).toBeLessThanOrEqual(1);
    expect(product.sku).toBe(sku);
    expect(found).toBeDefined();
    expect(asked).toHaveLength(link === "httpLink" ? 4 : 1);
  });

  test("mutations made together are each carried out", async () => {
    const { order } = shop(link);
    const placed = await Promise.all([order.place.mutate(placing()), order.place.mutate(placing())]);
    expect(new Set(placed.map(({ id }) => id)).size).toBe(2);
    const cancelled = await order.cancel.mutate({
      idempotencyKey: crypto.randomUUID(),
      orderId: placed[0].id,
      reason: "Ordered twice",
    });
    expect(cancelled.status).toBe("cancelled");
  });

  test("what fails names its procedure whole, with reason and trace, and fails alone", async () => {
    const { order, inventory, notify, worker } = shop(link);
    const [unknown, forbidden, invalid, nobodys, ok] = await Promise.all([
      errorOf(inventory.bySku.query({ sku: "NO-SUCH-SKU" })),
      errorOf(worker.jobs.query({})),
      errorOf(order.list.query({ limit: 1_000 })),
      errorOf(order.byId.query({ orderId: crypto.randomUUID() })),
      inventory.bySku.query({ sku }),
      errorOf(notify.deliveries.query({})),
    ]);
    expect(unknown.data).toMatchObject({ path: "inventory.bySku", reason: "unknown_sku", httpStatus: 404 });
    expect(forbidden.data).toMatchObject({ path: "worker.jobs", reason: "forbidden", httpStatus: 403 });
    expect(invalid.data).toMatchObject({
      path: "order.list",
      reason: "invalid_input",
      fields: { limit: [expect.any(String)] },
    });
    expect(nobodys.data).toMatchObject({ path: "order.byId", reason: "order_not_found" });
    for (const { data } of [unknown, forbidden, invalid, nobodys]) expect(data?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(ok.sku).toBe(sku);
  });

  test("a client that leaves is rid of its call, and another is answered", async () => {
    const leaving = new AbortController();
    const { inventory, order } = shop(link);
    const left = errorOf(inventory.search.query({ text: "a" }, { signal: leaving.signal }));
    leaving.abort();
    expect((await left).message).toMatch(/abort/i);
    expect((await order.list.query({ limit: 1 })).items.length).toBeLessThanOrEqual(1);
  });
});

describe("bounds", () => {
  test("50 calls of several services are one batch, 51 are refused whole", async () => {
    const batch = (count: number) => {
      const { order, inventory } = shop("httpBatchLink");
      const calls = Array.from({ length: count }, (_, index) =>
        index % 2 ? order.list.query({ limit: 1 }) : inventory.bySku.query({ sku }),
      );
      return Promise.allSettled(calls);
    };
    expect((await batch(50)).map(({ status }) => status)).not.toContain("rejected");
    const refused = await batch(51);
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect((refused[0] as PromiseRejectedResult).reason.message).toContain("at most 50 calls");
  });

  test("a URL of 12,288 characters passes, a longer one is refused, and `maxURLLength` parts such a batch", async () => {
    const path = `/trpc/inventory.search?input=${encodeURIComponent(JSON.stringify({ limit: 1 }))}&x=`;
    const ask = (length: number) =>
      fetch(system.gateway + path + "x".repeat(length - path.length - system.gateway.length), { headers });
    expect((await ask(12_288)).status).toBe(200);
    expect((await ask(12_300)).status).toBe(413);
    const { fetch: counted, asked } = counting();
    const { inventory } = createTRPCClient<AppRouter>({
      links: [httpBatchLink({ url: `${system.gateway}/trpc`, headers, fetch: counted, maxURLLength: 12_000 })],
    });
    const skus = Array.from({ length: 50 }, (_, index) => `SKU-${index}-${"x".repeat(50)}`);
    const calls = Array.from({ length: 8 }, () => inventory.availability.query({ skus }));
    expect(await Promise.all(calls)).toHaveLength(8);
    expect(asked.length).toBeGreaterThan(1);
  });
});

test("the library's own subscription goes through the gateway, with each change once and a whole path in its refusal", async () => {
  const { order } = createTRPCClient<AppRouter>({
    links: [
      httpSubscriptionLink({
        url: `${system.gateway}/trpc`,
        EventSource,
        eventSourceOptions: { fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }) },
      }),
    ],
  });
  const { id: orderId } = await shop("httpLink").order.place.mutate(placing());
  const seen = { states: [] as string[], refused: undefined as unknown };
  const watch = order.watch.subscribe({ orderId }, { onData: ({ data }) => void seen.states.push(data.status) });
  await eventually(() => expect(seen.states).toContain("confirmed"));
  watch.unsubscribe();
  expect(seen.states).toEqual([...new Set(seen.states)]);
  order.feed.subscribe(undefined, {
    onError({ data }) {
      seen.refused = data;
    },
  });
  await eventually(() => expect(seen.refused).toMatchObject({ path: "order.feed", reason: "forbidden" }));
});
