import type { Filling } from "./filling.ts";
import { cursorSql, type LogIds, logSql } from "./log-sql.ts";
import { tickAt } from "./plan-sql.ts";
import * as shop from "./shop-sql.ts";

/** Far beyond any measurement, so that the open orders stay as they are. */
const dispatchAfter = "30 days";

/** What worker holds of the orders of `plan`. */
export function workerSql(filling: Filling, logIds: LogIds): string[] {
  const shipmentId = shop.shipmentIdSql(filling);
  const lastTick = "case p.status when 'delivered' then 9 when 'cancelled' then 8 else 4 end";
  return [
    `insert into shipment (id, order_id, order_number, status, lines, shipping_address, carrier, tracking_number, causation_id,
       requested_at, dispatched_at, delivered_at, cancelled_at, updated_at)
     select ${shipmentId}, p.id, p.number, case p.status when 'confirmed' then 'booked' else p.status end,
       ${shop.stockLinesSql}, ${shop.addressSql}, '${shop.carrier}', ${shop.trackingSql}, ${shop.fulfilIdSql(filling)},
       ${tickAt(filling, "3")}, case p.status when 'delivered' then ${tickAt(filling, "5")} end,
       case p.status when 'delivered' then ${tickAt(filling, "9")} end,
       case p.status when 'cancelled' then ${tickAt(filling, "8")} end, ${tickAt(filling, `(${lastTick})`)}
     from plan p where p.status <> 'rejected'`,
    `select count(*) from graphile_worker.add_jobs((
       select array_agg(spec) from plan p cross join lateral json_populate_record(null::graphile_worker.job_spec,
         json_build_object('identifier', 'dispatch-shipment', 'payload', json_build_object('shipmentId', ${shipmentId}),
           'run_at', now() + interval '${dispatchAfter}', 'max_attempts', 25,
           'job_key', 'dispatch-shipment:' || ${shipmentId})) spec
       where p.status = 'confirmed'))`,
    ...logSql(filling, ["worker"], logIds),
    ...cursorSql(filling, ["order", "order.commands.worker"], logIds),
  ];
}
