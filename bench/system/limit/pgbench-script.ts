import { anAddress } from "@orderflow/tools/testing/an-address";
import { skuCount } from "../draw-lines.ts";

const address = JSON.stringify(anAddress);
const customer = "'customer-' || :client_id";
const contact = "jsonb_build_object('name', 'Ada Lovelace', 'email', 'ada@example.com')";
const line = (sku: string) => `jsonb_build_object('sku', ${sku}::int, 'name', 'A product', 'quantity', 1)`;

/**
 * One order in one transaction of eight statements. The two SKUs are taken in order, or two transactions would wait for
 * each other for ever.
 */
export function pgbenchScript({ isHot }: { isHot: boolean }): string {
  const anySku = `random(0, ${skuCount - 1})`;
  return `\\set first ${isHot ? `case when random(1, 2) = 1 then 0 else ${anySku} end` : anySku}
\\set second (:first + random(1, ${skuCount - 1})) % ${skuCount}
\\set low least(:first, :second)
\\set high greatest(:first, :second)
begin;
insert into customer_order
  (id, customer_id, contact_name, contact_email, status, currency, total_minor, shipping_address, placed_at)
  values (gen_random_uuid(), ${customer}, 'Ada Lovelace', 'ada@example.com', 'confirmed', 'EUR', 1250, '${address}', now())
  returning id as order_id \\gset
insert into order_line values
  (:order_id::uuid, 0, :first::int::text, 'A product', 1, 625), (:order_id::uuid, 1, :second::int::text, 'A product', 1, 625);
update stock set reserved = reserved + 1 where sku = :low and on_hand - reserved >= 1;
update stock set reserved = reserved + 1 where sku = :high and on_hand - reserved >= 1;
insert into reservation values (:order_id::uuid, :low, 1, 'held', now()), (:order_id::uuid, :high, 1, 'held', now());
insert into event (id, type, key, time, data) values (gen_random_uuid(), 'order.created', :order_id::uuid::text, now(),
  jsonb_build_object('orderId', :order_id::uuid, 'customerId', ${customer}, 'contact', ${contact},
    'lines', jsonb_build_array(${line(":first")}, ${line(":second")}), 'shippingAddress', '${address}'::jsonb));
commit;
`;
}
