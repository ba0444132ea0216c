import { type Filling, heavyShare, measuresOf } from "./filling.ts";

/** Of each kind of row, so that two of one order never share an id. */
export const idCode = { order: 20, shipment: 21, idempotencyKey: 22, delivery: 30 } as const;

/**
 * The steps of an order's life by the status it ends in: the event, when it is told in ticks, in which stream and as the
 * which one of its order there, and what status and version the order then has, where its timeline says so.
 */
const steps = `
  ('delivered', 1, 'order.created', 1, 0, 'order', 1, 'pending', 1),
  ('delivered', 2, 'stock.reserved', 2, 1, 'inventory', 1, 'confirmed', 2),
  ('delivered', 3, 'order.confirmed', 3, 2, 'order', 2, 'confirmed', 2),
  ('delivered', 4, 'fulfil-order', 4, 2, 'order.commands.worker', 1, 'confirmed', 2),
  ('delivered', 5, 'shipment.dispatched', 5, 5, 'worker', 1, 'shipped', 4),
  ('delivered', 6, 'order.shipped', 6, 6, 'order', 3, 'shipped', 4),
  ('delivered', 7, 'stock.sold', 7, 6, 'inventory', 2, null, null),
  ('delivered', 8, 'shipment.delivered', 8, 9, 'worker', 2, 'delivered', 5),
  ('delivered', 9, 'order.delivered', 9, 10, 'order', 4, 'delivered', 5),
  ('cancelled', 1, 'order.created', 1, 0, 'order', 1, 'pending', 1),
  ('cancelled', 2, 'stock.reserved', 2, 1, 'inventory', 1, 'confirmed', 2),
  ('cancelled', 3, 'order.confirmed', 3, 2, 'order', 2, 'confirmed', 2),
  ('cancelled', 4, 'fulfil-order', 4, 2, 'order.commands.worker', 1, 'confirmed', 2),
  ('cancelled', 5, 'order.cancelled', 10, 7, 'order', 3, 'cancelled', 3),
  ('cancelled', 6, 'stock.released', 11, 8, 'inventory', 2, null, null),
  ('rejected', 1, 'order.created', 1, 0, 'order', 1, 'pending', 1),
  ('rejected', 2, 'stock.rejected', 12, 1, 'inventory', 1, 'rejected', 2),
  ('rejected', 3, 'order.rejected', 13, 2, 'order', 2, 'rejected', 2),
  ('confirmed', 1, 'order.created', 1, 0, 'order', 1, 'pending', 1),
  ('confirmed', 2, 'stock.reserved', 2, 1, 'inventory', 1, 'confirmed', 2),
  ('confirmed', 3, 'order.confirmed', 3, 2, 'order', 2, 'confirmed', 2),
  ('confirmed', 4, 'fulfil-order', 4, 2, 'order.commands.worker', 1, 'confirmed', 2)`;

/**
 * What all databases must agree on, as temporary tables: `plan` with a row per order, `step` with the steps of each life.
 * Every value follows from the order's number, so each database makes the same.
 */
export function planSql(filling: Filling): string[] {
  const { orders, skus, customerId } = filling;
  const { lastEnded, customers, tickUs, from } = measuresOf(filling);
  return [
    "set synchronous_commit = off; set work_mem = '256MB'; set temp_buffers = '128MB'; set statement_timeout = 0",
    // Version 7, variant 8; or-ing the highest bit makes sixteen digits of each hash.
    `create function pg_temp.growth_id(code int, n bigint, at timestamptz) returns uuid language sql stable as $$
      select (lpad(to_hex((date_part('epoch', at) * 1000)::bigint), 12, '0')
        || '7' || substr(to_hex(hashint8extended(n, code) | -8070450532247928832), 2, 3)
        || '8' || substr(to_hex(hashint8extended(n, code + 1000) | -8070450532247928832), 2, 15))::uuid $$`,
    `create function pg_temp.growth_iso(at timestamptz) returns text language sql stable as $$
      select to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$`,
    `create function pg_temp.growth_draw(n bigint, seed int, below bigint) returns bigint language sql stable as $$
      select (hashint8extended(n, seed) & 4611686018427387903) % below $$`,
    `create temporary table step (status text, ord int, type text, code int, tick int, stream text, nth int,
      order_status text, version int)`,
    `insert into step values ${steps}`,
    `create temporary table plan as
      select n, at, pg_temp.growth_id(${idCode.order}, n, at) as id, 'OF-' || lpad(n::text, 8, '0') as number,
        case when n % ${heavyShare} = 0 then '${customerId}'
             else 'growth-' || pg_temp.growth_draw(n, 1, ${customers}) end as customer_id,
        status, sku0, (sku0 + 1 + pg_temp.growth_draw(n, 2, ${skus - 1})) % ${skus} as sku1,
        1 + pg_temp.growth_draw(n, 3, 3) as quantity0, 1 + pg_temp.growth_draw(n, 4, 3) as quantity1,
        sum(orders) over before - orders as order_at, sum(commands) over before - commands as command_at,
        sum(stocks) over before - stocks as inventory_at, sum(shipments) over before - shipments as worker_at
      from (
        select n, '${from.toISOString()}'::timestamptz + n * 16 * interval '${tickUs} microseconds' as at,
          case when n > ${lastEnded} then 'confirmed' when n % 25 = 7 then 'cancelled' when n % 25 = 13 then 'rejected'
               else 'delivered' end as status,
          -- Half of all orders begin with one of the best sellers, which are a hundredth of the products.
          pg_temp.growth_draw(n, 5, case when n % 2 = 0 then ${Math.max(1, Math.floor(skus / 100))} else ${skus} end) as sku0
        from generate_series(1, ${orders}::bigint) n
      ) drawn join (
        select status, count(*) filter (where stream = 'order') as orders,
          count(*) filter (where stream = 'order.commands.worker') as commands,
          count(*) filter (where stream = 'inventory') as stocks, count(*) filter (where stream = 'worker') as shipments
        from step group by status
      ) life using (status)
      window before as (order by n)`,
    "analyze plan; analyze step",
  ];
}

/** SQL for the instant that a step is told at, of `plan p` and `step s`. */
export function stepAt(filling: Filling): string {
  return tickAt(filling, "s.tick");
}

/** The same at a tick. */
export function tickAt(filling: Filling, tick: string): string {
  return `(p.at + ${tick} * interval '${measuresOf(filling).tickUs} microseconds')`;
}

/** SQL for the id of the event of a step. */
export function stepEventId(filling: Filling): string {
  return `pg_temp.growth_id(s.code, p.n, ${stepAt(filling)})`;
}

/** SQL for the id of the event of this code, which is told at this tick. */
export function eventId(filling: Filling, { code, tick }: { code: number; tick: number }): string {
  return `pg_temp.growth_id(${code}, p.n, ${tickAt(filling, String(tick))})`;
}
