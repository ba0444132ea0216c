import { afterAll, beforeAll, expect, test } from "bun:test";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { aDelivery } from "../domain/a-delivery.ts";
import { recordFailure, recordSent } from "../domain/delivery.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { insertDeliveries } from "./delivery-rows.ts";

let database: TestDatabase;
let deliveries: Deliveries;
const at = new Date("2026-03-01T11:00:00.000Z");

beforeAll(async () => {
  database = await createTestDatabase({ service: "notify" });
  deliveries = createDeliveries({ sql: database.sql });
});

afterAll(() => database.drop());

async function stored() {
  const [delivery] = await database.sql.begin((tx) => insertDeliveries(tx, [aDelivery()]));
  return deliveries.byId(delivery?.id ?? "");
}

test("what was decided is stored", async () => {
  const loaded = await stored();
  const sent = await deliveries.update(loaded, (current) => recordSent(current, at));
  expect(await deliveries.byId(loaded.id)).toEqual(sent);
  expect(sent).toMatchObject({ status: "sent", attempts: 1, sentAt: at });
});

test("a delivery that changed since it was loaded is decided on as it is now", async () => {
  const loaded = await stored();
  await deliveries.update(loaded, (current) => recordSent(current, at));
  const failure = { reason: "550", isFinal: true, at };
  await deliveries.update(loaded, (current) => recordFailure(current, failure));
  expect((await deliveries.byId(loaded.id)).status).toBe("sent");
});

test("twenty attempts that fail at once are all counted", async () => {
  const loaded = await stored();
  const failure = { reason: "451", isFinal: false, at };
  await Promise.all(
    Array.from({ length: 20 }, () => deliveries.update(loaded, (current) => recordFailure(current, failure))),
  );
  expect(await deliveries.byId(loaded.id)).toMatchObject({ status: "pending", attempts: 20 });
});

test("a delivery that does not exist is refused", async () => {
  await expect(deliveries.update(aDelivery(), (current) => recordSent(current, at))).rejects.toMatchObject({
    reason: "delivery_not_found",
  });
});
