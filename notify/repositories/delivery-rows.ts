import { rowSet } from "@orderflow/common/database/row-set";
import { newId } from "@orderflow/common/ids";
import type { Trace } from "@orderflow/common/messaging/event";
import type { SQL, TransactionSQL } from "bun";
import type { NewDelivery } from "../domain/announce.ts";
import type { Delivery, DeliveryStatus } from "../domain/delivery.ts";
import type { MailKind } from "../domain/mail-kinds.ts";

export type DeliveryRow = {
  id: string;
  event_id: string;
  kind: MailKind;
  channel: "email";
  order_id: string | null;
  recipient_name: string;
  recipient_email: string;
  data: unknown;
  status: DeliveryStatus;
  attempts: number;
  last_error: string | null;
  trace: Trace;
  created_at: Date;
  sent_at: Date | null;
  updated_at: Date;
};

const deliveryRows = rowSet({
  id: "uuid",
  event_id: "uuid",
  kind: "text",
  channel: "text",
  order_id: "uuid",
  recipient_name: "text",
  recipient_email: "text",
  data: "jsonb",
  status: "text",
  attempts: "int",
  last_error: "text",
  trace: "jsonb",
  created_at: "timestamptz",
  sent_at: "timestamptz",
  updated_at: "timestamptz",
});

/**
 * Adds those that were not told before, and answers them. Whoever tells holds the cursor of the stream, so that nobody tells
 * the same meanwhile: looking first costs less than inserting on trial, and the unique keys are the guard behind it.
 */
export async function insertDeliveries(tx: TransactionSQL, announced: NewDelivery[]): Promise<Delivery[]> {
  if (announced.length === 0) return [];
  const firsts = [...Map.groupBy(announced, toldAs).values()].flatMap(([first]) => first ?? []);
  const deliveries = firsts.map((delivery) => ({ ...delivery, id: newId() }));
  const inserted: { id: string }[] = await tx`
    insert into delivery (id, event_id, kind, channel, order_id, recipient_name, recipient_email, data, status, attempts,
      last_error, trace, created_at, sent_at, updated_at)
    select id, event_id, kind, channel, order_id, recipient_name, recipient_email, data, status, attempts,
      last_error, trace, created_at, sent_at, updated_at
    from ${deliveryRows(tx, deliveries.map(toRow))} row
    where not exists (select from delivery told
        where told.order_id = row.order_id and told.kind = row.kind and told.channel = row.channel)
      and not exists (select from delivery told
        where told.order_id is null and row.order_id is null and told.event_id = row.event_id and told.channel = row.channel)
    order by row.order_id, row.kind
    returning id`;
  const ids = new Set(inserted.map(({ id }) => id));
  return deliveries.filter(({ id }) => ids.has(id));
}

/** Equal for two of which only one may be told: what the unique keys say. */
function toldAs({ orderId, kind, eventId, channel }: NewDelivery): string {
  return `${orderId ? `${orderId} ${kind}` : eventId} ${channel}`;
}

export async function deliveriesById(sql: SQL, ids: string[]): Promise<Delivery[]> {
  const wanted = sql.array([...new Set(ids)], "TEXT");
  const rows: DeliveryRow[] = await sql`select * from delivery where id = any(${wanted}::uuid[])`;
  return rows.map(toDelivery);
}

/** Locked until the transaction ends. */
export async function lockDelivery(tx: TransactionSQL, id: string): Promise<Delivery | undefined> {
  const [row]: DeliveryRow[] = await tx`select * from delivery where id = ${id}::uuid for update`;
  return row && toDelivery(row);
}

/** Saves what can change. */
export async function saveDelivery(tx: TransactionSQL, delivery: Delivery): Promise<void> {
  await tx`
    update delivery set status = ${delivery.status}, attempts = ${delivery.attempts}, last_error = ${delivery.lastError},
      sent_at = ${delivery.sentAt}, updated_at = ${delivery.updatedAt}
    where id = ${delivery.id}::uuid`;
}

const replacementRows = rowSet({
  id: "uuid",
  was_status: "text",
  was_attempts: "int",
  status: "text",
  attempts: "int",
  last_error: "text",
  sent_at: "timestamptz",
  updated_at: "timestamptz",
});

export type Replacement = { loaded: Delivery; next: Delivery };

/** Saves each `next` whose row still is what was loaded, and answers which were. Of one delivery only the first can be. */
export async function replaceDeliveries(sql: SQL, replacements: Replacement[]): Promise<boolean[]> {
  const firsts = new Map(replacements.toReversed().map((replacement) => [replacement.loaded.id, replacement]));
  const rows = [...firsts.values()].map(({ loaded, next }) => ({
    id: loaded.id,
    was_status: loaded.status,
    was_attempts: loaded.attempts,
    status: next.status,
    attempts: next.attempts,
    last_error: next.lastError,
    sent_at: next.sentAt,
    updated_at: next.updatedAt,
  }));
  const replaced: { id: string }[] = await sql`
    update delivery set status = row.status, attempts = row.attempts, last_error = row.last_error,
      sent_at = row.sent_at, updated_at = row.updated_at
    from ${replacementRows(sql, rows)} row
    where delivery.id = row.id and delivery.status = row.was_status and delivery.attempts = row.was_attempts
    returning delivery.id`;
  const ids = new Set(replaced.map(({ id }) => id));
  return replacements.map((each) => ids.has(each.loaded.id) && firsts.get(each.loaded.id) === each);
}

function toRow(delivery: Delivery): DeliveryRow {
  return {
    id: delivery.id,
    event_id: delivery.eventId,
    kind: delivery.kind,
    channel: delivery.channel,
    order_id: delivery.orderId,
    recipient_name: delivery.recipient.name,
    recipient_email: delivery.recipient.email,
    data: delivery.data,
    status: delivery.status,
    attempts: delivery.attempts,
    last_error: delivery.lastError,
    trace: delivery.trace,
    created_at: delivery.createdAt,
    sent_at: delivery.sentAt,
    updated_at: delivery.updatedAt,
  };
}

export function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    eventId: row.event_id,
    kind: row.kind,
    channel: row.channel,
    orderId: row.order_id,
    recipient: { name: row.recipient_name, email: row.recipient_email },
    data: row.data,
    status: row.status,
    attempts: row.attempts,
    lastError: row.last_error,
    trace: row.trace,
    createdAt: row.created_at,
    sentAt: row.sent_at,
    updatedAt: row.updated_at,
  };
}
