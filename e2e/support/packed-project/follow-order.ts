// A program of somebody else's: it knows the packed client and nothing more of the project.
import { type Api, createClient, isOrderflowError, type OutputOf, type Reason } from "@orderflow/client";

const [url = "", email = "", password = ""] = process.argv.slice(2);
const shop = createClient({ url, timeoutMs: 60_000 });
await shop.session.signIn({ email, password });

const { items } = await shop.inventory.search.query({ text: "mug", limit: 1 });
const sku: string = items[0]?.sku ?? "";
const [me, product] = await Promise.all([shop.account.me.query(), shop.inventory.bySku.query({ sku })]);
console.log(`hello ${me.role}, ${product.unitPrice.amountMinor} ${product.unitPrice.currency}`);

// @ts-expect-error: a quantity is a number.
const wrong = { lines: [{ sku, quantity: "1" }] } satisfies Partial<Parameters<Api["order"]["place"]["mutate"]>[0]>;
const refused = await shop.order.place.mutate(wrong as never).catch((error: unknown) => error);
if (!isOrderflowError(refused)) throw new Error("it was not refused in the client's words");
const reason: Reason = refused.reason;
console.log(`refused ${reason} ${Object.keys(refused.fields ?? {}).join(" ")}`);

const shippingAddress = {
  name: "Ada",
  line1: "12 St James Square",
  city: "London",
  postalCode: "SW1Y 4JH",
  country: "GB",
};
const order: OutputOf<Api["order"]["place"]> = await shop.order.place.mutate({
  lines: [{ sku, quantity: 1 }],
  shippingAddress,
});
console.log(`placed ${order.id}`);

for await (const { data } of shop.order.watch.follow({ orderId: order.id })) console.log(`now ${data.status}`);
const { status } = await shop.order.byId.query({ orderId: order.id });
console.log(`done ${status}`);
