import { fact } from "@orderflow/common/events/catalog";
import { newId } from "@orderflow/common/ids";
import { appendEvents } from "@orderflow/common/messaging/append";
import type { Fact } from "@orderflow/common/messaging/event";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import type { SQL } from "bun";

const price = { amountMinor: 1_250, currency: "EUR" };
const shippingAddress = { name: "Ada", line1: "Street 1", city: "Berlin", postalCode: "10115", country: "DE" };
const at = "2026-03-02T10:00:00.000Z";
const commitEvents = 400;

/** The whole life of one order of one to three lines: four events. */
function lifeOfAnOrder(n: number, skus: string[]): Fact[] {
  const orderId = newId();
  const contact = { name: "Ada Lovelace", email: `ada-${n}@example.com` };
  const reference = { orderId, number: `2026-${n}`, customerId: `customer-${n % 500}`, contact, total: price };
  const lines = Array.from({ length: 1 + (n % 3) }, (_, line) => ({
    sku: skus[(n + line * 7) % skus.length] ?? "",
    name: "A product",
    quantity: 1,
    unitPrice: price,
  }));
  return [
    fact("order.created", orderId, { ...reference, lines, shippingAddress, placedAt: at }),
    fact("order.confirmed", orderId, { ...reference, confirmedAt: at }),
    fact("order.shipped", orderId, { ...reference, shippedAt: at, carrier: "parcel", trackingNumber: `T${n}` }),
    fact("order.delivered", orderId, { ...reference, deliveredAt: at }),
  ];
}

/** Appends the lives of as many orders as make this many events. */
export async function appendOrderHistory(
  sql: SQL,
  { events, skus }: { events: number; skus: string[] },
): Promise<void> {
  await ensureStreams(sql, ["order"]);
  for (let appended = 0; appended < events; ) {
    const facts: Fact[] = [];
    while (facts.length < commitEvents && appended + facts.length < events) {
      facts.push(...lifeOfAnOrder((appended + facts.length) / 4, skus));
    }
    await sql.begin((tx) => appendEvents(tx, facts));
    appended += facts.length;
  }
}
