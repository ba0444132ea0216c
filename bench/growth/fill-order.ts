import type { Filling } from "./filling.ts";
import { cursorSql, type LogIds, logSql } from "./log-sql.ts";
import { stepAt, stepEventId, tickAt } from "./plan-sql.ts";
import * as shop from "./shop-sql.ts";

/** What order holds of the orders of `plan`. */
export function orderSql(filling: Filling, logIds: LogIds): string[] {
  const lastTick = "case p.status when 'delivered' then 10 when 'cancelled' then 7 else 2 end";
  return [
    `insert into customer_order (id, number, customer_id, contact_name, contact_email, status, currency, total_minor,
       shipping_address, placed_at, updated_at, version, dispatch_authorized_at)
     select p.id, p.number, p.customer_id, '${shop.contactName}', ${shop.contactEmailSql}, p.status, '${shop.currency}',
       ${shop.totalSql}, ${shop.addressSql}, p.at, ${tickAt(filling, `(${lastTick})`)},
       case p.status when 'delivered' then 5 when 'cancelled' then 3 else 2 end,
       case when p.status = 'delivered' then ${tickAt(filling, "4")} end
     from plan p`,
    `insert into order_line (order_id, position, sku, name, quantity, unit_price_minor)
     select p.id, line.position, ${shop.skuSql("line.sku")}, ${shop.productNameSql("line.sku")}, line.quantity,
       ${shop.priceSql("line.sku")}
     from plan p cross join lateral (values (0, p.sku0, p.quantity0), (1, p.sku1, p.quantity1)) line(position, sku, quantity)`,
    `insert into timeline_entry (order_id, sequence, at, event, event_id, trace_id, status, version)
     overriding system value
     select p.id, p.n * 16 + s.ord, ${stepAt(filling)}, s.type, ${stepEventId(filling)}, null, s.order_status, s.version
     from plan p join step s using (status) where s.order_status is not null`,
    `select setval('timeline_entry_sequence_seq', ${(filling.orders + 1) * 16}), setval('order_number', ${filling.orders})`,
    `insert into idempotency_key (caller_id, key, request_hash, order_id, created_at)
     select p.customer_id, ${shop.idempotencyKeySql}, '${shop.requestHash}', p.id, p.at from plan p`,
    ...logSql(filling, ["order", "order.commands.worker"], logIds),
    ...cursorSql(filling, ["inventory", "worker"], logIds),
  ];
}
