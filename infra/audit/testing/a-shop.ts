import { newId } from "@orderflow/common/ids";
import { appendEvents } from "@orderflow/common/messaging/append";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import { createTestDatabase } from "@orderflow/tools/testing/test-database";
import type { SQL } from "bun";
import { type AuditedService, auditedServices } from "../parts-sql.ts";
import { connect, mapServices } from "../snapshots.ts";

/** What the services hold of an order that got so far, each having heard all that the others told. */
const lives = {
  rejected: { order: ["order.created", "order.rejected"], stock: ["stock.rejected"], shipment: [] },
  cancelled: {
    order: ["order.created", "order.confirmed", "fulfil-order", "order.cancelled"],
    stock: ["stock.reserved", "stock.released"],
    shipment: [],
    shipmentIs: "cancelled",
  },
  confirmed: {
    order: ["order.created", "order.confirmed", "fulfil-order"],
    stock: ["stock.reserved"],
    shipment: [],
    shipmentIs: "requested",
  },
  delivered: {
    order: ["order.created", "order.confirmed", "fulfil-order", "order.shipped", "order.delivered"],
    stock: ["stock.reserved", "stock.sold"],
    shipment: ["shipment.dispatched", "shipment.delivered"],
    shipmentIs: "delivered",
  },
} as const;
type Life = keyof typeof lives;

const listensTo: Record<AuditedService, string[]> = {
  order: ["inventory", "worker"],
  inventory: ["order", "worker"],
  worker: ["order", "order.commands.worker"],
  notify: ["order", "inventory"],
};

export type Shop = Awaited<ReturnType<typeof aShop>>;

/** Four databases as the services would leave them, of as many orders as are put there. */
export async function aShop() {
  const made = await Promise.all(auditedServices.map((service) => createTestDatabase({ service })));
  const databases = mapServices((service) => made[auditedServices.indexOf(service)] as (typeof made)[number]);
  const sqls = mapServices((service) => databases[service].sql);
  const urls = mapServices((service) => databases[service].url);
  const connections = mapServices((service) => connect(urls[service], 10_000));
  await ensureStreams(sqls.order, ["order", "order.commands.worker"]);
  await ensureStreams(sqls.inventory, ["inventory"]);
  await ensureStreams(sqls.worker, ["worker"]);
  return {
    sqls,
    urls,
    connections,
    put: (life: Life) => put(sqls, life),
    catchUp: () => catchUp(sqls),
    async close() {
      await Promise.all(auditedServices.map((service) => connections[service].end({ timeout: 1 })));
      await Promise.all(made.map((database) => database.drop()));
    },
  };
}

type Sqls = Record<AuditedService, SQL>;

const quantities = { "TEA-1": 3, "CUP-1": 1 };
const reservationOf: Partial<Record<Life, string>> = { cancelled: "released", confirmed: "held", delivered: "sold" };

async function put({ order, inventory, worker, notify }: Sqls, life: Life): Promise<string> {
  const id = newId();
  const { order: told, stock, shipment, ...rest } = lives[life];
  await order`
    insert into customer_order (id, number, customer_id, contact_name, contact_email, status, currency, total_minor,
      shipping_address, placed_at, updated_at, version)
    values (${id}, ${id}, 'c', 'Ada', 'ada@example.com', ${life}, 'EUR', 0, '{}', now(), now(), 1)`;
  await order`
    insert into order_line (order_id, position, sku, name, quantity, unit_price_minor)
    values (${id}, 0, 'TEA-1', 'Tea', 2, 1), (${id}, 1, 'CUP-1', 'Cup', 1, 1), (${id}, 2, 'TEA-1', 'Tea', 1, 1)`;
  const events = await tell(order, id, [...told]);
  await tell(inventory, id, [...stock]);
  await tell(worker, id, [...shipment]);
  for (const [sku, quantity] of Object.entries(reservationOf[life] ? quantities : {})) {
    await inventory`
      insert into reservation (order_id, sku, quantity, status, created_at, updated_at)
      values (${id}, ${sku}, ${quantity}, ${reservationOf[life]}, now(), now())`;
  }
  if ("shipmentIs" in rest) {
    await worker`
      insert into shipment (id, order_id, order_number, status, lines, carrier, tracking_number, causation_id,
        requested_at, updated_at)
      values (${newId()}, ${id}, ${id}, ${rest.shipmentIs},
        '[{"sku": "TEA-1", "quantity": 2}, {"sku": "CUP-1", "quantity": 1}, {"sku": "TEA-1", "quantity": 1}]',
        'c', 't', ${newId()}, now(), now())`;
  }
  for (const event of events.filter(({ stream }) => stream === "order")) {
    await notify`
      insert into delivery (id, event_id, kind, channel, order_id, recipient_name, recipient_email, data, status,
        attempts, trace, created_at, updated_at)
      values (${newId()}, ${event.id}, ${event.type}, 'email', ${id}, 'Ada', 'ada@example.com', '{}', 'pending', 0, '{}',
        now(), now())`;
  }
  return id;
}

function tell(sql: SQL, key: string, types: string[]) {
  const streamOf = (type: string) => {
    if (type === "fulfil-order") return "order.commands.worker";
    if (type.startsWith("order.")) return "order";
    return type.startsWith("stock.") ? "inventory" : "worker";
  };
  return sql.begin((tx) =>
    appendEvents(
      tx,
      types.map((type) => ({ stream: streamOf(type), type, key, data: {} })),
    ),
  );
}

/** Every consumer has applied all that there is. */
async function catchUp(sqls: Sqls): Promise<void> {
  for (const consumer of auditedServices) {
    for (const stream of listensTo[consumer]) {
      const producer = sqls[stream.startsWith("order") ? "order" : (stream as AuditedService)];
      const [row] = await producer`select log_id, head, last_id from stream where name = ${stream}`;
      const events = await producer`select id, type, key from event where stream = ${stream} order by position`;
      const trail = JSON.stringify(events.map(({ id, type, key }: Record<string, string>) => [id, type, key]));
      const sql = sqls[consumer];
      await sql`delete from cursor where stream = ${stream}`;
      await sql`
        insert into cursor (stream, position, log_id, event_id)
        values (${stream}, ${row.head}, ${Number(row.head) > 0 ? row.log_id : null}, ${row.last_id})`;
      await sql`
        insert into cursor_trail (stream, position, events) values (${stream}, ${row.head}, ${trail}::text::jsonb)
        on conflict (stream, position) do nothing`;
    }
  }
}
