import { anAddress } from "@orderflow/tools/testing/an-address";
import { SQL, type TransactionSQL } from "bun";
import { skuCount } from "../draw-lines.ts";

/** What the loop is told, on its standard input. It answers transactions per second as a line. */
export type LoopTask = { url: string; clients: number; isHot: boolean; measureMs: number };

const contact = { name: "Ada Lovelace", email: "ada@example.com" };

const { url, clients, isHot, measureMs }: LoopTask = await Bun.stdin.json();
const sql = new SQL({ url, max: clients });

/** The statements of the script for pgbench, prepared by the driver. */
async function placeOne(tx: TransactionSQL, customer: string): Promise<void> {
  const first = isHot && Math.random() < 0.5 ? 0 : Math.floor(Math.random() * skuCount);
  const second = (first + 1 + Math.floor(Math.random() * (skuCount - 1))) % skuCount;
  const [low, high] = first < second ? [first, second] : [second, first];
  const orderId = crypto.randomUUID();
  await tx`
    insert into customer_order
      (id, customer_id, contact_name, contact_email, status, currency, total_minor, shipping_address, placed_at)
    values (${orderId}, ${customer}, ${contact.name}, ${contact.email}, 'confirmed', 'EUR', 1250, ${anAddress}, now())`;
  await tx`
    insert into order_line values
      (${orderId}, 0, ${String(first)}, 'A product', 1, 625), (${orderId}, 1, ${String(second)}, 'A product', 1, 625)`;
  await tx`update stock set reserved = reserved + 1 where sku = ${low} and on_hand - reserved >= 1`;
  await tx`update stock set reserved = reserved + 1 where sku = ${high} and on_hand - reserved >= 1`;
  await tx`
    insert into reservation values (${orderId}, ${low}, 1, 'held', now()), (${orderId}, ${high}, 1, 'held', now())`;
  const lines = [first, second].map((sku) => ({ sku, name: "A product", quantity: 1 }));
  const data = { orderId, customerId: customer, contact, lines, shippingAddress: anAddress };
  await tx`
    insert into event (id, type, key, time, data)
    values (${crypto.randomUUID()}, 'order.created', ${orderId}, now(), ${data})`;
}

let placed = 0;
const startedAt = performance.now();
const runs = Array.from({ length: clients }, async (_, index) => {
  while (performance.now() - startedAt < measureMs) {
    await sql.begin((tx) => placeOne(tx, `customer-${index}`));
    placed += 1;
  }
});
await Promise.all(runs);
console.log((placed * 1_000) / (performance.now() - startedAt));
await sql.close();
