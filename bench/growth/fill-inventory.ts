import type { Filling } from "./filling.ts";
import { cursorSql, type LogIds, logSql } from "./log-sql.ts";
import { eventId, tickAt } from "./plan-sql.ts";
import * as shop from "./shop-sql.ts";

const lines =
  "cross join lateral (values (0, p.sku0, p.quantity0), (1, p.sku1, p.quantity1)) line(position, sku, quantity)";

/** The products, and what inventory holds of the orders of `plan`. */
export function inventorySql(filling: Filling, logIds: LogIds): string[] {
  const { skus } = filling;
  return [
    `insert into product (sku, name, unit_price_minor, currency, search_words)
     select ${shop.skuSql("i")}, ${shop.productNameSql("i")}, ${shop.priceSql("i")}, '${shop.currency}',
       array_to_tsvector(string_to_array(lower(${shop.productNameSql("i")}), ' ') || array['growth', lpad(i::text, 6, '0')])
     from generate_series(0, ${skus - 1}) i`,
    `create temporary table moved as ${moved(filling)}`,
    `insert into stock (sku, location, on_hand, reserved)
     select ${shop.skuSql("sku")}, '${shop.location}', sum(on_hand), sum(reserved) from moved group by sku`,
    `insert into stock_movement (sku, id, location, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, order_id,
       cause, reason, at)
     overriding system value
     select ${shop.skuSql("sku")}, id, '${shop.location}', kind, on_hand, reserved, sum(on_hand) over ledger,
       sum(reserved) over ledger, order_id, cause, case when kind = 'received' then 'initial stock' end, at
     from moved window ledger as (partition by sku order by id) order by id`,
    `select setval('stock_movement_id_seq', (select max(id) from moved))`,
    `insert into reservation (order_id, sku, location, quantity, status, created_at, updated_at)
     select p.id, ${shop.skuSql("line.sku")}, '${shop.location}', line.quantity,
       case p.status when 'delivered' then 'sold' when 'cancelled' then 'released' else 'held' end, ${tickAt(filling, "1")},
       ${tickAt(filling, "case p.status when 'delivered' then 6 when 'cancelled' then 8 else 1 end")}
     from plan p ${lines} where p.status <> 'rejected'`,
    ...logSql(filling, ["inventory"], logIds),
    ...cursorSql(filling, ["order", "worker"], logIds),
  ];
}

/** Every movement of every product; ids rise with time. */
function moved(filling: Filling): string {
  const created = `${eventId(filling, { code: 1, tick: 0 })}::text`;
  const dispatched = `${eventId(filling, { code: 5, tick: 5 })}::text`;
  const cancelled = `${eventId(filling, { code: 10, tick: 7 })}::text`;
  return `
    select i as sku, i + 1 as id, 'received' as kind, ${shop.initialStock} as on_hand, 0 as reserved, null::uuid as order_id,
      'seed' as cause, p.at - interval '1 day' as at
    from generate_series(0, ${filling.skus - 1}::bigint) i cross join (select at from plan where n = 1) p
    union all
    select line.sku, ${filling.skus} + p.n * 4 + line.position, 'reserved', 0, line.quantity::int, p.id, ${created},
      ${tickAt(filling, "1")}
    from plan p ${lines} where p.status <> 'rejected'
    union all
    select line.sku, ${filling.skus} + p.n * 4 + 2 + line.position,
      case p.status when 'delivered' then 'sold' else 'released' end,
      case p.status when 'delivered' then -line.quantity::int else 0 end, -line.quantity::int, p.id,
      case p.status when 'delivered' then ${dispatched} else ${cancelled} end,
      ${tickAt(filling, "case p.status when 'delivered' then 6 else 8 end")}
    from plan p ${lines} where p.status in ('delivered', 'cancelled')`;
}
