import type { Invariant } from "@orderflow/common/audit/invariant";
import { keptSince } from "@orderflow/common/audit/kept-since";

export const reservationLedger: Invariant = {
  name: "reservation-ledger",
  law: "A reservation was taken once and ended at most once, each time by a movement of its quantity.",
  kind: "law",
  checked: "select count(*) from reservation",
  violations: `
    select coalesce(r.order_id, m.order_id) || ' ' || coalesce(r.sku, m.sku) as id,
      coalesce(r.quantity || ' ' || r.status, 'no reservation') || '; movements: ' || coalesce(m.kinds, 'none') as problem
    from reservation r full join (
      select order_id, sku, location, string_agg(kind || ' ' || reserved_delta, ', ' order by id) as kinds,
        array_agg(kind || ' ' || reserved_delta order by id) as steps
      from stock_movement where order_id is not null group by order_id, sku, location
    ) m on m.order_id = r.order_id and m.sku = r.sku and m.location = r.location
    where r.order_id is null or m.steps is distinct from
      case r.status when 'held' then array['reserved ' || r.quantity]
                    else array['reserved ' || r.quantity, r.status || ' -' || r.quantity] end`,
};

/** What is told of an order's SKU: how many units were reserved, released and sold. */
const told = `
  select e.key as order_id, line->>'sku' as sku,
    sum((line->>'quantity')::int) filter (where e.type = 'stock.reserved') as reserved,
    sum((line->>'quantity')::int) filter (where e.type = 'stock.released') as released,
    sum((line->>'quantity')::int) filter (where e.type = 'stock.sold') as sold
  from event e cross join lateral jsonb_array_elements(e.data->'lines') line
  where e.stream = 'inventory' and e.type in ('stock.reserved', 'stock.released', 'stock.sold')
  group by e.key, line->>'sku'`;

export const reservationEvents: Invariant = {
  name: "reservation-events",
  law: "What happens to a reservation is told once, with its quantity.",
  kind: "law",
  checked: "select count(*) from reservation",
  violations: `
    select coalesce(r.order_id::text, t.order_id) || ' ' || coalesce(r.sku, t.sku) as id,
      coalesce(r.quantity || ' ' || r.status, 'no reservation') || '; told: ' || coalesce(t.reserved, 0) || ' reserved, '
        || coalesce(t.released, 0) || ' released, ' || coalesce(t.sold, 0) || ' sold' as problem
    from reservation r full join (${told}) t on t.order_id = r.order_id::text and t.sku = r.sku
    where r.order_id is null or r.created_at > ${keptSince("inventory")} and (
      t.reserved is distinct from r.quantity
      or t.released is distinct from case when r.status = 'released' then r.quantity end
      or t.sold is distinct from case when r.status = 'sold' then r.quantity end)`,
};

export const ordersAnswered: Invariant = {
  name: "orders-answered-once",
  law: "An order is reserved or rejected, never both, and a rejected one holds nothing.",
  kind: "law",
  checked: "select count(*) from event where stream = 'inventory' and type in ('stock.reserved', 'stock.rejected')",
  violations: `
    select a.key as id, a.types || case when r.order_id is null then '' else ', and has reservations' end as problem
    from (
      select key, count(*), bool_or(type = 'stock.rejected') as is_rejected,
        string_agg(type || ' at ' || position, ', ' order by position) as types
      from event where stream = 'inventory' and type in ('stock.reserved', 'stock.rejected') group by key
    ) a
    left join (select distinct order_id from reservation) r on a.is_rejected and r.order_id::text = a.key
    where a.count > 1 or r.order_id is not null`,
};
