/**
 * A frontend's view of the shop: sign in, find a product, order it and follow it to the door.
 *
 *   bun run up                          (in another terminal)
 *   bun examples/place-order.ts
 */
import { readFile } from "node:fs/promises";
import type { AppRouter } from "@orderflow/gateway/router";
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from "@trpc/client";
import { EventSource } from "eventsource";

const run = JSON.parse(await readFile(process.env.RUN_FILE ?? ".orderflow/run.json", "utf8"));
const gateway: string =
  process.env.GATEWAY_URL ?? run.services.find((service: { name: string }) => service.name === "gateway").url;
const headers = { authorization: `Bearer ${await signIn(run.demo.customer)}` };

const shop = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: (operation) => operation.type === "subscription",
      true: httpSubscriptionLink({
        url: `${gateway}/trpc`,
        EventSource,
        eventSourceOptions: { fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }) },
      }),
      false: httpBatchLink({ url: `${gateway}/trpc`, headers }),
    }),
  ],
});

const { items } = await shop.inventory.search.query({ text: "mug", limit: 3 });
const [mug] = items;
if (!mug) throw new Error("the shop sells no mugs");
console.log(`found     ${items.map((item) => item.name).join(", ")}`);

const order = await shop.order.place.mutate({
  idempotencyKey: crypto.randomUUID(),
  lines: [{ sku: mug.sku, quantity: 2 }],
  shippingAddress: {
    name: "Ada Lovelace",
    line1: "12 St James Square",
    city: "London",
    postalCode: "SW1Y 4JH",
    country: "GB",
  },
});
console.log(`placed    ${order.number}: 2 × ${mug.name}, ${order.total.amountMinor / 100} ${order.total.currency}`);

await new Promise<void>((resolve, reject) => {
  const subscription = shop.order.watch.subscribe(
    { orderId: order.id },
    {
      onData: ({ data: { status } }) => {
        console.log(`now       ${status}`);
        if (!["delivered", "rejected", "cancelled"].includes(status)) return;
        subscription.unsubscribe();
        resolve();
      },
      onError: reject,
    },
  );
});

const timeline = await shop.order.timeline.query({ orderId: order.id });
for (const { at, event, traceId } of timeline.items) console.log(`${at}  ${event.padEnd(20)} trace ${traceId}`);

/** Takes a session, then a token that the API accepts for some minutes. */
async function signIn({ email, password }: { email: string; password: string }): Promise<string> {
  const answer = await fetch(`${gateway}/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw new Error(`sign-in was refused: ${await answer.text()}`);
  const session = answer.headers.get("set-auth-token");
  const token = await fetch(`${gateway}/auth/token`, { headers: { authorization: `Bearer ${session}` } });
  const { token: jwt } = (await token.json()) as { token: string };
  return jwt;
}
