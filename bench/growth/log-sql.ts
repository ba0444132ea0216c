import { type Filling, maxOpenOrders, measuresOf } from "./filling.ts";
import { stepAt, stepEventId } from "./plan-sql.ts";
import { dataSql } from "./shop-sql.ts";

export const streams = ["order", "order.commands.worker", "inventory", "worker"] as const;
export type Stream = (typeof streams)[number];

/** The identity of each stream's history, as its producer and its listeners know it. */
export type LogIds = Record<Stream, string>;

const before: Record<Stream, string> = {
  order: "p.order_at",
  "order.commands.worker": "p.command_at",
  inventory: "p.inventory_at",
  worker: "p.worker_at",
};

/** The log of a producer, and where its streams end. */
export function logSql(filling: Filling, produced: Stream[], logIds: LogIds): string[] {
  const { lastPruned } = measuresOf(filling);
  return [
    ...produced.map(
      (stream) => `
      insert into event (stream, position, id, type, key, time, correlation_id, data)
      select s.stream, ${before[stream]} + s.nth, ${stepEventId(filling)}, s.type, p.id::text, ${stepAt(filling)}, p.id::text,
        ${dataSql(filling)}
      from plan p join step s using (status) where s.stream = '${stream}' and p.n > ${lastPruned}`,
    ),
    ...produced.map(
      (stream) => `
      insert into stream (name, log_id, head, last_id, before_id)
      select '${stream}', '${logIds[stream]}', max(position), (array_agg(id order by position desc))[1],
        (array_agg(id order by position desc))[2]
      from (${lastEvents(filling, stream)}) last having count(*) > 0
      on conflict (name) do update set log_id = excluded.log_id, head = excluded.head, last_id = excluded.last_id,
        before_id = excluded.before_id`,
    ),
  ];
}

/** Cursors that have applied all there is. */
export function cursorSql(filling: Filling, heard: Stream[], logIds: LogIds): string[] {
  return heard.map(
    (stream) => `
    insert into cursor (stream, position, log_id, event_id)
    select '${stream}', position, '${logIds[stream]}', id from (${lastEvents(filling, stream)}) last
    order by position desc limit 1
    on conflict (stream) do update set position = excluded.position, log_id = excluded.log_id, event_id = excluded.event_id`,
  );
}

/** The last two events of a stream. The open orders, which are the newest, have none at worker. */
function lastEvents(filling: Filling, stream: Stream): string {
  return `
    select ${before[stream]} + s.nth as position, ${stepEventId(filling)} as id
    from plan p join step s using (status)
    where s.stream = '${stream}' and p.n > ${filling.orders - maxOpenOrders - 100}
    order by position desc limit 2`;
}
