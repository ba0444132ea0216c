import { bundledKeys } from "@orderflow/common/audit/job-invariants";

/** Databases that hold something of an order. */
export const auditedServices = ["order", "inventory", "worker", "notify"] as const;
export type AuditedService = (typeof auditedServices)[number];

/** Letters about an order that were set aside: those that wait, and those that an operator gave up. */
const letters = `
  select key, 'letter', to_jsonb(stream) from dead_letter
  union all select key, 'letter', to_jsonb(stream) from discarded_dead_letter`;

const entry = "jsonb_build_array(stream, position, id, type)";

/** For each database, what it holds of orders: rows of an order's id, the name of a part, and the part as JSON. */
const parts: Record<AuditedService, string> = {
  order: `
    select id::text as key, 'order' as part, jsonb_build_object('status', status, 'placedAt', placed_at) as value
      from customer_order
    union all select order_id::text, 'line', jsonb_build_array(sku, quantity) from order_line
    union all select key, 'event', ${entry} from event where stream in ('order', 'order.commands.worker')
    union all ${letters}`,
  inventory: `
    select order_id::text as key, 'reservation' as part,
      jsonb_build_object('sku', sku, 'quantity', quantity, 'status', status) as value from reservation
    union all select key, 'event', ${entry} from event
      where stream = 'inventory' and type in ('stock.reserved', 'stock.rejected', 'stock.released', 'stock.sold')
    union all ${letters}`,
  worker: `
    select order_id::text as key, 'shipment' as part,
      jsonb_build_object('status', status, 'lines', lines) as value from shipment
    union all select key, 'event', ${entry} from event where stream = 'worker'
    union all select s.order_id::text, 'exhausted', to_jsonb(s.id)
      from graphile_worker.jobs j left join (${bundledKeys}) bundle using (id)
        join shipment s on s.id::text = split_part(coalesce(j.key, bundle.key), ':', 2)
      where j.attempts >= j.max_attempts and j.locked_at is null
    union all ${letters}`,
  notify: `
    select order_id::text as key, 'delivery' as part,
      jsonb_build_object('eventId', event_id, 'kind', kind, 'channel', channel) as value
      from delivery where order_id is not null
    union all select key, 'lost', to_jsonb(id) from lost_event where stream = 'order'
    union all ${letters}`,
};

/**
 * One row for each order, in byte order of its id, with all its parts; the one sort is PostgreSQL's. Takes the ids to
 * look at as a JSON array, or null for all. Dead letters of what is no order, such as a SKU, come along and are left out later.
 */
export function partsQuery(service: AuditedService): string {
  return `
    select key, jsonb_agg(jsonb_build_array(part, value)) as parts
    from (select key collate "C" as key, part, value from (${parts[service]}) part) part
    where $1::text is null or key = any(array(select jsonb_array_elements_text($1::text::jsonb)))
    group by key order by key`;
}
