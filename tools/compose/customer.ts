import { eventually } from "../testing/eventually.ts";

export type Customer = {
  email: string;
  /** Answers the order's id. Asks again with the same key while the system is not itself. */
  place(sku: string): Promise<string>;
  untilDelivered(orderId: string, timeoutMs?: number): Promise<void>;
};

const address = { name: "Ada", line1: "1 Main Street", city: "London", postalCode: "N1", country: "GB" };

/** Signs up and in through the gateway. */
export async function aCustomer(gateway: string): Promise<Customer> {
  const email = `customer-${Bun.randomUUIDv7()}@example.com`;
  const password = Bun.randomUUIDv7();
  await post(`${gateway}/auth/sign-up/email`, { email, name: "Ada", password });
  const signedIn = await post(`${gateway}/auth/sign-in/email`, { email, password });
  const session = signedIn.headers.get("set-auth-token") ?? "";
  const answer = await fetch(`${gateway}/auth/token`, { headers: { authorization: `Bearer ${session}` } });
  const { token } = (await answer.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  return {
    email,
    place(sku) {
      const order = { idempotencyKey: Bun.randomUUIDv7(), lines: [{ sku, quantity: 1 }], shippingAddress: address };
      return eventually(
        async () => (await resultOf<{ id: string }>(post(`${gateway}/trpc/order.place`, order, headers))).id,
        {
          timeoutMs: 60_000,
          intervalMs: 200,
        },
      );
    },
    async untilDelivered(orderId, timeoutMs = 90_000) {
      const input = encodeURIComponent(JSON.stringify({ orderId }));
      const read = () =>
        fetch(`${gateway}/trpc/order.byId?input=${input}`, { headers, signal: AbortSignal.timeout(5_000) });
      await eventually(
        async () => {
          const { status } = await resultOf<{ status: string }>(read());
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

async function post(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
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
