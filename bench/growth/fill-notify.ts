import type { Filling } from "./filling.ts";
import { cursorSql, type LogIds } from "./log-sql.ts";
import { idCode, stepAt, stepEventId } from "./plan-sql.ts";
import * as shop from "./shop-sql.ts";

/** What notify holds of the orders of `plan`: one mail for each state, all sent. */
export function notifySql(filling: Filling, logIds: LogIds): string[] {
  const at = stepAt(filling);
  return [
    `insert into delivery (id, event_id, kind, channel, order_id, recipient_name, recipient_email, data, status, attempts,
       trace, created_at, sent_at, updated_at)
     select pg_temp.growth_id(${idCode.delivery} + s.code, p.n, ${at}), ${stepEventId(filling)}, s.type, 'email', p.id,
       '${shop.contactName}', ${shop.contactEmailSql}, ${shop.dataSql(filling)}, 'sent', 1,
       jsonb_build_object('causationId', ${stepEventId(filling)}, 'correlationId', p.id), ${at}, ${at}, ${at}
     from plan p join step s using (status) where s.stream = 'order'`,
    ...cursorSql(filling, ["order", "inventory"], logIds),
  ];
}
