/**
 * A frontend's view of the shop: sign in, find a product, order it and follow it to the door.
 *
 *   bun run up                          (in another terminal)
 *   bun examples/place-order.ts
 */
import { readFile } from "node:fs/promises";
import { createClient } from "@orderflow/client";

const run = JSON.parse(await readFile(process.env.RUN_FILE ?? ".orderflow/run.json", "utf8"));
const url: string =
  process.env.GATEWAY_URL ?? run.services.find((service: { name: string }) => service.name === "gateway").url;

const shop = createClient({ url });
await shop.session.signIn(run.demo.customer);

const { items } = await shop.inventory.search.query({ text: "mug", limit: 3 });
const [mug] = items;
if (!mug) throw new Error("the shop sells no mugs");
console.log(`found     ${items.map((item) => item.name).join(", ")}`);

const order = await shop.order.place.mutate({
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

for await (const { data } of shop.order.watch.follow({ orderId: order.id })) console.log(`now       ${data.status}`);

const timeline = await shop.order.timeline.query({ orderId: order.id });
for (const { at, event, traceId } of timeline.items) console.log(`${at}  ${event.padEnd(20)} trace ${traceId}`);
