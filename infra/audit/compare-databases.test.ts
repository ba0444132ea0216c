import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type CompareOptions, compareDatabases } from "./compare-databases.ts";
import type { DossierInvariant } from "./dossier-invariant.ts";
import { dossierInvariants, settledInvariants } from "./dossier-invariants.ts";
import type { AuditedService } from "./parts-sql.ts";
import type { AuditFinding } from "./tally.ts";
import { aShop, type Shop } from "./testing/a-shop.ts";

const invariants = [...dossierInvariants, ...settledInvariants];

function compare(shop: Shop, more: Partial<CompareOptions> = {}): Promise<AuditFinding[]> {
  return compareDatabases({
    urls: shop.urls,
    invariants,
    maxExamples: 1_000,
    recheckDelaysMs: [1],
    statementTimeoutMs: 10_000,
    onProgress: () => {},
    ...more,
  });
}

const broken = (findings: AuditFinding[]) => findings.filter(({ violations }) => violations > 0);

type Life = Parameters<Shop["put"]>[0];
type Damage = { breaks: string; of: Life; at: AuditedService; by: string };

/** `$id` stands for the order's id. */
const damages: Damage[] = [
  { breaks: "nothing-without-order", of: "delivered", at: "order", by: "delete from customer_order where id = '$id'" },
  { breaks: "stock-answers-orders", of: "rejected", at: "inventory", by: "delete from event where key = '$id'" },
  {
    breaks: "stock-answers-orders",
    of: "confirmed",
    at: "inventory",
    by: "update event set key = '$id', type = 'stock.rejected' where position = (select max(position) from event)",
  },
  {
    breaks: "orders-follow-stock",
    of: "confirmed",
    at: "order",
    by: "update customer_order set status = 'pending' where id = '$id'",
  },
  {
    breaks: "orders-follow-stock",
    of: "rejected",
    at: "order",
    by: "update customer_order set status = 'confirmed' where id = '$id'",
  },
  {
    breaks: "orders-follow-stock",
    of: "confirmed",
    at: "order",
    by: "update customer_order set status = 'rejected' where id = '$id'",
  },
  {
    breaks: "orders-follow-stock",
    of: "confirmed",
    at: "inventory",
    by: "delete from event where key = '$id' and type = 'stock.reserved'",
  },
  {
    breaks: "reservations-match-orders",
    of: "confirmed",
    at: "inventory",
    by: "delete from reservation where order_id = '$id' and sku = 'TEA-1'",
  },
  {
    breaks: "reservations-match-orders",
    of: "delivered",
    at: "inventory",
    by: "update reservation set quantity = 2 where order_id = '$id' and sku = 'TEA-1'",
  },
  {
    breaks: "reservations-match-orders",
    of: "confirmed",
    at: "inventory",
    by: "update reservation set status = 'released' where order_id = '$id'",
  },
  {
    breaks: "reservations-match-orders",
    of: "confirmed",
    at: "inventory",
    by: "update reservation set sku = 'JUG-1' where order_id = '$id' and sku = 'TEA-1'",
  },
  {
    breaks: "ended-orders-hold-nothing",
    of: "cancelled",
    at: "inventory",
    by: "update reservation set status = 'held' where order_id = '$id'",
  },
  {
    breaks: "ended-orders-hold-nothing",
    of: "confirmed",
    at: "order",
    by: "update customer_order set status = 'rejected' where id = '$id'",
  },
  {
    breaks: "shipments-match-orders",
    of: "confirmed",
    at: "worker",
    by: "delete from shipment where order_id = '$id'",
  },
  {
    breaks: "shipments-match-orders",
    of: "confirmed",
    at: "worker",
    by: 'update shipment set lines = \'[{"sku": "TEA-1", "quantity": 1}]\' where order_id = \'$id\'',
  },
  {
    breaks: "shipments-match-orders",
    of: "confirmed",
    at: "order",
    by: "delete from event where key = '$id' and type = 'fulfil-order'",
  },
  {
    breaks: "shipments-match-orders",
    of: "confirmed",
    at: "worker",
    by: `alter table shipment drop constraint if exists shipment_order_id_unique;
      insert into shipment select gen_random_uuid(), order_id, order_number, status, lines, shipping_address, carrier, tracking_number,
      traceparent, correlation_id, causation_id, requested_at, dispatched_at, delivered_at, cancelled_at, updated_at
      from shipment where order_id = '$id'`,
  },
  {
    breaks: "orders-follow-shipments",
    of: "delivered",
    at: "order",
    by: "update customer_order set status = 'shipped' where id = '$id'",
  },
  {
    breaks: "orders-follow-shipments",
    of: "delivered",
    at: "worker",
    by: "delete from event where key = '$id' and type = 'shipment.dispatched'",
  },
  {
    breaks: "stock-follows-shipments",
    of: "delivered",
    at: "inventory",
    by: "update reservation set status = 'held' where order_id = '$id'",
  },
  {
    breaks: "stock-follows-shipments",
    of: "delivered",
    at: "inventory",
    by: "delete from reservation where order_id = '$id'",
  },
  {
    breaks: "stock-follows-shipments",
    of: "confirmed",
    at: "inventory",
    by: "update reservation set status = 'sold' where order_id = '$id'",
  },
  {
    breaks: "cancelled-is-not-shipped",
    of: "cancelled",
    at: "worker",
    by: "update shipment set status = 'dispatched' where order_id = '$id'",
  },
  {
    breaks: "cancelled-is-not-shipped",
    of: "cancelled",
    at: "worker",
    by: "update shipment set status = 'booked' where order_id = '$id'",
  },
  {
    breaks: "cancelled-is-not-shipped",
    of: "delivered",
    at: "order",
    by: "update customer_order set status = 'cancelled' where id = '$id'",
  },
  {
    breaks: "deliveries-match-events",
    of: "delivered",
    at: "notify",
    by: "delete from delivery where order_id = '$id' and kind = 'order.shipped'",
  },
  {
    breaks: "deliveries-match-events",
    of: "delivered",
    at: "notify",
    by: "update delivery set event_id = gen_random_uuid() where order_id = '$id' and kind = 'order.shipped'",
  },
  {
    breaks: "deliveries-match-events",
    of: "delivered",
    at: "notify",
    by: `alter table delivery drop constraint if exists delivery_order_kind_channel;
      insert into delivery select gen_random_uuid(), event_id, kind, channel, order_id, recipient_name, recipient_email, data,
      status, attempts, last_error, trace, created_at, sent_at, updated_at from delivery where order_id = '$id' and kind = 'order.created'`,
  },
  {
    breaks: "orders-settled",
    of: "delivered",
    at: "order",
    by: "update customer_order set status = 'shipped' where id = '$id'",
  },
];

describe("a shop at rest", () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await aShop();
    for (const life of ["rejected", "cancelled", "delivered", "delivered"] as const) await shop.put(life);
    await shop.catchUp();
  });
  afterAll(() => shop.close());

  test("has no findings, and each invariant has looked at something", async () => {
    const findings = await compare(shop);
    expect(broken(findings)).toEqual([]);
    expect(findings.filter(({ checked }) => checked === 0).map(({ name }) => name)).toEqual([]);
  });

  test("what seems wrong at one look only is no violation", async () => {
    let looks = 0;
    const fickle: DossierInvariant = {
      name: "fickle",
      law: "",
      databases: [],
      check: () => (++looks <= 4 ? ["odd"] : []),
    };
    expect(await compare(shop, { invariants: [fickle] })).toMatchObject([{ checked: 4, violations: 0 }]);
    expect(looks).toBe(8);
  });

  test("no more examples are kept than were asked for", async () => {
    const strict: DossierInvariant = { name: "strict", law: "", databases: [], check: () => ["wrong"] };
    const [finding] = await compare(shop, { invariants: [strict], maxExamples: 3 });
    expect(finding).toMatchObject({ checked: 4, violations: 4, examples: { length: 3 } });
  });
});

describe("a damaged shop", () => {
  let shop: Shop;
  let findings: AuditFinding[];
  const ids = new Map<Damage, string>();
  beforeAll(async () => {
    shop = await aShop();
    // What is pruned is not held against the log, so the oldest event stays out of it.
    await shop.put("delivered");
    for (const damage of damages) ids.set(damage, await shop.put(damage.of));
    await shop.put("delivered");
    await shop.catchUp();
    for (const damage of damages) {
      await shop.sqls[damage.at].unsafe(damage.by.replaceAll("$id", ids.get(damage) ?? ""));
    }
    findings = await compare(shop);
  });
  afterAll(() => shop.close());

  test.each(damages)("is found out by $breaks after: $by", (damage) => {
    const named = findings.find(({ name }) => name === damage.breaks)?.examples ?? [];
    expect(named.map(({ id }) => id)).toContain(ids.get(damage) ?? "");
  });

  test("every invariant has been seen broken", () => {
    expect(new Set(damages.map(({ breaks }) => breaks))).toEqual(new Set(invariants.map(({ name }) => name)));
  });
});

describe("a shop at work", () => {
  let shop: Shop;
  const breaksOf = async () => broken(await compare(shop, { invariants: dossierInvariants })).map(({ name }) => name);
  const fallBack = (consumer: AuditedService) =>
    shop.sqls[consumer]`update cursor set position = 0, log_id = null, event_id = null`;
  beforeAll(async () => {
    shop = await aShop();
    for (const life of ["rejected", "cancelled", "confirmed", "delivered"] as const) await shop.put(life);
    await shop.catchUp();
  });
  afterAll(() => shop.close());

  test("what was told of an event that order has lost since is told, and owed no second time", async () => {
    const rows: { id: string }[] = await shop.sqls.order`select id from event where type = 'order.confirmed' limit 1`;
    const id = rows[0]?.id ?? "";
    await shop.sqls.order`update event set id = gen_random_uuid() where id = ${id}`;
    expect(await breaksOf()).toEqual(["deliveries-match-events"]);
    await shop.sqls.notify`
      insert into lost_event (id, stream, position, type, key)
      select event_id, 'order', 1, kind, order_id::text from delivery where event_id = ${id}`;
    expect(await breaksOf()).toEqual([]);
  });

  test("an effect is owed from the moment its cause was heard, not before", async () => {
    await shop.sqls.worker`delete from shipment where status = 'requested'`;
    await shop.sqls.notify`delete from delivery where kind = 'order.created'`;
    expect(await breaksOf()).toEqual(["shipments-match-orders", "deliveries-match-events"]);
    for (const consumer of ["worker", "notify"] as const) await fallBack(consumer);
    expect(await breaksOf()).toEqual([]);
  });

  test("an order may be behind inventory and worker, and a held reservation behind a cancellation", async () => {
    await fallBack("order");
    await shop.sqls.order`update customer_order set status = 'confirmed' where status = 'delivered'`;
    await fallBack("inventory");
    await shop.sqls.inventory`update reservation set status = 'held'`;
    expect(await breaksOf()).toEqual([]);
  });

  test("no effect is owed of an event that was set aside", async () => {
    await shop.catchUp();
    const owed = await breaksOf();
    expect(owed).toContain("orders-follow-shipments");
    for (const consumer of ["order", "inventory", "worker", "notify"] as const) {
      await shop.sqls[consumer]`
        insert into dead_letter (stream, position, key, event, is_parked, error, attempts)
        select 'order', row_number() over (), key, '{}', false, '', 3
        from unnest(${shop.sqls[consumer].array(await orderIds(), "TEXT")}) as key`;
    }
    expect(await breaksOf()).toEqual([]);
  });

  async function orderIds(): Promise<string[]> {
    const rows: { id: string }[] = await shop.sqls.order`select id from customer_order`;
    return rows.map(({ id }) => id);
  }
});

test("no effect is owed of an event that an operator had a listener skip, and of all after it is", async () => {
  const shop = await aShop();
  try {
    await shop.put("delivered");
    const [{ head }] = await shop.sqls.order`select head::int as head from stream where name = 'order'`;
    await shop.put("delivered");
    await shop.catchUp();
    await shop.sqls.notify`delete from delivery`;
    const owed = async () => broken(await compare(shop)).map(({ name, violations }) => [name, violations]);
    expect(await owed()).toEqual([["deliveries-match-events", 8]]);
    await shop.sqls.notify`
      insert into skipped_range (stream, after_position, to_position, log_id, skipped_by, reason)
      values ('order', 0, ${head}, gen_random_uuid(), 'ann', 'it is new')`;
    expect(await owed()).toEqual([["deliveries-match-events", 4]]);
  } finally {
    await shop.close();
  }
});

test("deliveries that were pruned are missed only where none was said to be", async () => {
  const shop = await aShop();
  try {
    await shop.put("delivered");
    await shop.catchUp();
    await shop.sqls.notify`delete from delivery`;
    const names = async () => broken(await compare(shop)).map(({ name }) => name);
    expect(await names()).toEqual(["deliveries-match-events"]);
    await shop.sqls.notify`insert into retention (what, kept_since) values ('deliveries', now())`;
    expect(await names()).toEqual([]);
  } finally {
    await shop.close();
  }
});
