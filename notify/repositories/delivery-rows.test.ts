import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { aDelivery } from "../domain/a-delivery.ts";
import type { NewDelivery } from "../domain/announce.ts";
import { insertDeliveries } from "./delivery-rows.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ service: "notify" });
});
afterAll(() => database.drop());

/** The events that were told of, in their order. */
async function tell(...announced: NewDelivery[]): Promise<string[]> {
  const told = await database.sql.begin((tx) => insertDeliveries(tx, announced));
  return told.map(({ eventId }) => eventId);
}

async function stored(eventIds: string[]): Promise<number> {
  const [row] = await database.sql`
    select count(*)::int as count from delivery where event_id = any(${database.sql.array(eventIds, "UUID")})`;
  return row.count;
}

const anOrders = (rest: Partial<NewDelivery> = {}) => aDelivery({ orderId: newId(), ...rest });
const lowStock = (eventId = newId()) => aDelivery({ kind: "stock.low", orderId: null, eventId });

test("a mail of an order is stored once, whichever event tells of it", async () => {
  const first = anOrders();
  const again = { ...first, eventId: newId() };
  const other = { ...first, eventId: newId(), kind: "order.delivered" as const };
  expect(await tell(first)).toEqual([first.eventId]);
  expect(await tell(first, again, other)).toEqual([other.eventId]);
  expect(await stored([first.eventId, again.eventId, other.eventId])).toBe(2);
});

test("what comes twice in one batch is stored once, as and when it came first", async () => {
  const [mail, low] = [anOrders(), lowStock()];
  const again = { ...mail, eventId: newId() };
  expect(await tell(mail, low, again, low)).toEqual([mail.eventId, low.eventId]);
  const rows = await database.sql`
    select event_id from delivery where event_id in (${mail.eventId}, ${low.eventId}, ${again.eventId}) order by id`;
  expect([...rows]).toEqual([{ event_id: mail.eventId }, { event_id: low.eventId }]);
});

test("what is about no order is stored once for each event", async () => {
  const [low, later] = [lowStock(), lowStock()];
  expect(await tell(low)).toEqual([low.eventId]);
  expect(await tell(low, later)).toEqual([later.eventId]);
  expect(await stored([low.eventId, later.eventId])).toBe(2);
});

test.each([
  ["of an order by its kind", anOrders()],
  ["of no order by its event", lowStock()],
])("a second one that nobody looked for is refused by the database: %s", async (_, delivery) => {
  await tell(delivery);
  const copying = database.sql`
    insert into delivery select gen_random_uuid(), event_id, kind, channel, order_id, recipient_name, recipient_email, data,
      status, attempts, last_error, trace, created_at, sent_at, updated_at
    from delivery where event_id = ${delivery.eventId}::uuid`;
  await expect(Promise.resolve(copying)).rejects.toMatchObject({ errno: "23505" });
});
