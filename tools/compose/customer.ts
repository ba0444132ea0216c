import { signUp, tokenOf } from "../accounts/sign-in.ts";
import { anAddress } from "../testing/an-address.ts";
import { eventually } from "../testing/eventually.ts";

export type Customer = {
  email: string;
  /** Answers the order's id. Asks again with the same key while the system is not itself. */
  place(sku: string): Promise<string>;
  untilDelivered(orderId: string, timeoutMs?: number): Promise<void>;
  /** Whether there is such an order of this customer's. */
  knows(orderId: string): Promise<boolean>;
};

export type Shop = { customer: Customer; sku: string };

/** Signs up and in through the gateway. */
export async function aCustomer(gateway: string): Promise<Customer> {
  const email = `customer-${Bun.randomUUIDv7()}@example.com`;
  const password = Bun.randomUUIDv7();
  const session = await signUp(gateway, { email, name: "Ada", password });
  const headers = { authorization: `Bearer ${await tokenOf(gateway, session)}` };
  const read = (orderId: string) => {
    const input = encodeURIComponent(JSON.stringify({ orderId }));
    return fetch(`${gateway}/trpc/order.byId?input=${input}`, { headers, signal: AbortSignal.timeout(5_000) });
  };
  return {
    email,
    place(sku) {
      const order = { idempotencyKey: Bun.randomUUIDv7(), lines: [{ sku, quantity: 1 }], shippingAddress: anAddress };
      return eventually(
        async () => (await resultOf<{ id: string }>(post(`${gateway}/trpc/order.place`, order, headers))).id,
        {
          timeoutMs: 60_000,
          intervalMs: 200,
        },
      );
    },
    knows: async (orderId) => {
      const { ok, status } = await read(orderId);
      if (!ok && status !== 404) throw new Error(`The order is answered with ${status}`);
      return ok;
    },
    async untilDelivered(orderId, timeoutMs = 90_000) {
      await eventually(
        async () => {
          const { status } = await resultOf<{ status: string }>(read(orderId));
          if (status !== "delivered") throw new Error(`The order is ${status}`);
        },
        { timeoutMs, intervalMs: 250 },
      );
    },
  };
}

/** The SKU of a seeded product of which there is much. */
export async function someSku(gateway: string): Promise<string> {
  const input = encodeURIComponent(JSON.stringify({ limit: 100 }));
  const { items } = await resultOf<{ items: { sku: string; available: number }[] }>(
    fetch(`${gateway}/trpc/inventory.search?input=${input}`),
  );
  const [first] = items.toSorted((a, b) => b.available - a.available);
  if (!first) throw new Error("There are no products: was the demo profile seeded?");
  return first.sku;
}

/** Twenty at a time, each followed until it is delivered. */
export async function placeMany({ customer, sku }: Shop, count: number): Promise<void> {
  const orders: string[] = [];
  let begun = 0;
  const place = async () => {
    while (begun++ < count) orders.push(await customer.place(sku));
  };
  await Promise.all(Array.from({ length: 20 }, place));
  for (const order of orders) await customer.untilDelivered(order);
}

async function post(url: string, body: object, headers: Record<string, string>): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
}

async function resultOf<T>(answer: Promise<Response>): Promise<T> {
  const response = await answer;
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 300)}`);
  return (JSON.parse(text) as { result: { data: T } }).result.data;
}
