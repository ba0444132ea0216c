import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import postgres from "postgres";
import { createTestDatabase, type TestDatabase } from "../../testing/test-database.ts";
import type { Testimony } from "../clients/witness.ts";
import { compareMails } from "./compare-mails.ts";
import { compareOrders } from "./compare-orders.ts";
import { compareStock } from "./compare-stock.ts";
import type { Books } from "./open-books.ts";

let databases: TestDatabase[];
let books: Books;
let connections: postgres.Sql[];

beforeAll(async () => {
  databases = await Promise.all([
    createTestDatabase({ service: "order" }),
    createTestDatabase({ service: "inventory" }),
  ]);
  connections = databases.map(({ url }) => postgres(url, { max: 1 }));
  const [order, inventory] = connections;
  books = { order, inventory } as unknown as Books;
});
afterAll(async () => {
  await Promise.all(connections.map((sql) => sql.end()));
  await Promise.all(databases.map((database) => database.drop()));
});
beforeEach(async () => {
  await books.order`truncate customer_order, order_line, event`;
  await books.inventory`truncate stock`;
});

const request = { idempotencyKey: crypto.randomUUID(), lines: [{ sku: "CHAOS-1", quantity: 2 }], shippingAddress: {} };
const common = { at: "", by: 0, tries: 1, elapsedMs: 1 };
const mark = "chaos 1-1";

function accepted(orderId: string): Testimony {
  const told = { outcome: "accepted", orderId, status: "pending", totalMinor: 200 } as const;
  return { call: "place", key: request.idempotencyKey, mark, request, ...told, ...common };
}

async function anOrder({ status = "delivered", quantity = 2 } = {}): Promise<string> {
  const id = newId();
  await books.order`
    insert into customer_order (id, number, customer_id, contact_name, contact_email, status, currency, total_minor,
      shipping_address, placed_at, updated_at, version)
    values (${id}, 'n', 'c', 'n', 'e', ${status}, 'EUR', 200, ${JSON.stringify({ line2: mark })}::text::jsonb, now(), now(), 1)`;
  await books.order`
    insert into order_line (order_id, position, sku, name, quantity, unit_price_minor)
    values (${id}, 1, 'CHAOS-1', 'n', ${quantity}, 100)`;
  return id;
}

describe("of orders", () => {
  test("what was accepted and is stored as it was told is well", async () => {
    const id = await anOrder();
    expect(await compareOrders(books, [accepted(id), accepted(id)])).toMatchObject({
      ...{ accepted: 1, refused: 0, unanswered: 0, lost: [], duplicated: [], uninvited: [] },
    });
  });

  test("one that was accepted and is not there is lost", async () => {
    expect((await compareOrders(books, [accepted(newId())])).lost).toHaveLength(1);
  });

  test("one that is stored with other lines is lost", async () => {
    expect((await compareOrders(books, [accepted(await anOrder({ quantity: 1 }))])).lost).toHaveLength(1);
  });

  test("one whose cancellation was accepted and which is delivered is lost", async () => {
    const orderId = await anOrder();
    const cancel: Testimony = { call: "cancel", key: newId(), orderId, outcome: "accepted", ...common };
    expect((await compareOrders(books, [accepted(orderId), cancel])).lost).toHaveLength(1);
  });

  test("two of one visit are duplicated, stored or told", async () => {
    const [first, second] = [await anOrder(), await anOrder()];
    expect((await compareOrders(books, [accepted(first)])).duplicated).toHaveLength(1);
    expect((await compareOrders(books, [accepted(first), accepted(second)])).duplicated).toHaveLength(2);
  });

  test("one that was refused, or that nobody asked for, is uninvited", async () => {
    await anOrder();
    const refused = { ...accepted(""), outcome: "refused", reason: "out_of_stock" } as Testimony;
    expect((await compareOrders(books, [refused])).uninvited).toHaveLength(1);
    expect((await compareOrders(books, [])).uninvited).toHaveLength(1);
  });

  test("a call that nobody answered is told of", async () => {
    const unanswered = { ...accepted(""), outcome: "unanswered", problem: "503" } as Testimony;
    expect((await compareOrders(books, [unanswered])).unanswered).toBe(1);
  });
});

describe("of stock", () => {
  const products = [{ sku: "CHAOS-1", initialStock: 5 }];
  const adjustment: Testimony = {
    ...{ call: "adjust", key: "k", sku: "CHAOS-1", delta: 3, outcome: "accepted" },
    ...common,
  };

  async function compare(sold: number, { onHand, reserved = 0 }: { onHand: number; reserved?: number }) {
    await books.inventory`
      insert into product (sku, name, unit_price_minor, currency) values ('CHAOS-1', 'n', 100, 'EUR')
      on conflict do nothing`;
    await books.inventory`
      insert into stock (sku, location, on_hand, reserved) values ('CHAOS-1', 'main', ${onHand}, ${reserved})`;
    const orders = [{ id: "", status: "shipped", totalMinor: 0, mark, lines: `CHAOS-1×${sold}` }];
    return await compareStock(books, { products, orders, testimonies: [adjustment, adjustment] });
  }

  test("what was received and adjusted, each key once, is sold or on the shelf", async () => {
    expect(await compare(6, { onHand: 2 })).toEqual({ unitsSold: 6, oversold: [], adjusted: 1, miscounted: [] });
  });

  test("more sold than there was is oversold", async () => {
    expect((await compare(9, { onHand: 0 })).oversold).toHaveLength(1);
  });

  test("a unit too few, or one that stays reserved, is miscounted", async () => {
    expect((await compare(6, { onHand: 1 })).miscounted).toHaveLength(1);
    await books.inventory`truncate stock`;
    expect((await compare(6, { onHand: 2, reserved: 1 })).miscounted).toHaveLength(1);
  });
});

describe("of mails", () => {
  async function compare(mails: { event: string; copies?: number }[]) {
    const id = newId();
    for (const [index, type] of ["order.created", "order.confirmed"].entries())
      await books.order`
        insert into event (stream, position, id, type, key, time, data)
        values ('order', ${index + 1}, ${newId()}, ${type}, ${id}, now(), '{}')`;
    const marks = mails.map(({ event, copies = 1 }) => ({
      headers: { "x-orderflow-order": id, "x-orderflow-event": event },
      copies,
    }));
    const server = Bun.serve({ port: 0, fetch: () => Response.json(marks) });
    const findings = await compareMails(books, `http://127.0.0.1:${server.port}`);
    await server.stop(true);
    return findings;
  }
  const both = [{ event: "order.created" }, { event: "order.confirmed" }];

  test("one for each step is well, and the same one again is counted apart", async () => {
    const well = { wanted: 2, missing: [], doubled: [], copies: 0, uninvited: [] };
    expect(await compare(both)).toEqual(well);
    await books.order`truncate event`;
    expect(await compare([{ event: "order.created", copies: 3 }, { event: "order.confirmed" }])).toEqual({
      ...well,
      copies: 2,
    });
  });

  test("one too few is missing, another of the same step is doubled, one of no step is uninvited", async () => {
    expect((await compare(both.slice(1))).missing).toHaveLength(1);
    await books.order`truncate event`;
    expect((await compare([...both, { event: "order.created" }])).doubled).toHaveLength(1);
    await books.order`truncate event`;
    expect((await compare([...both, { event: "order.shipped" }])).uninvited).toHaveLength(1);
  });
});
