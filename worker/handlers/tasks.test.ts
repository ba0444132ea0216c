import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { aShipment } from "../domain/a-shipment.ts";
import { cancelShipment, recordBooking } from "../domain/shipment.ts";
import { CarrierUnavailable } from "../providers/carrier.ts";
import { recordedCarrier } from "../providers/recorded-carrier.ts";
import { insertShipments } from "../repositories/shipment-rows.ts";
import { createShipments, type Shipments } from "../repositories/shipments.ts";
import { tasks } from "./tasks.ts";

let database: TestDatabase;
let shipments: Shipments;
/** With lanes of its own, as in another process. */
const another = () => createShipments({ sql: database.sql, publisher: { publish() {} }, metrics });
const metrics = createMetrics({ service: "worker", instance: "test", defaults: false });
const identity = { service: "worker", instance: "test" };

beforeAll(async () => {
  database = await createTestDatabase({ service: "worker" });
  await ensureStreams(database.sql, ["worker"]);
  shipments = another();
});

afterAll(() => database.drop());

const steps = ["book-shipment", "dispatch-shipment", "deliver-shipment"] as const;
const run = { id: "1", attempt: 1, maxAttempts: 25, signal: new AbortController().signal };

/** One shipment, and its jobs as a process would run them. `crashes` processes die before they can commit. */
async function rig({ isConfirmed = true } = {}) {
  const carrier = recordedCarrier();
  const shipment = aShipment();
  await database.sql.begin((tx) => insertShipments(tx, [shipment]));
  const key = shipment.trace.causationId;
  let crashes = 0;
  const ctx = {
    sql: database.sql,
    carrier,
    orders: { authorizeDispatch: async () => (isConfirmed ? new Date() : undefined) },
    logger: createLogger({ ...identity, level: "silent" }),
    now: () => new Date(),
    dispatchDelayMs: 60_000,
    deliveryDelayMs: 60_000,
    shipments: {
      ...shipments,
      update: (...change: Parameters<Shipments["update"]>) =>
        crashes-- > 0 ? Promise.reject(new Error("killed")) : another().update(...change),
    },
  };
  const perform = (step: string) => tasks(ctx)[step]?.({ shipmentId: shipment.id }, run);
  return {
    carrier,
    key,
    perform,
    killBeforeCommit: async (step: string) => {
      crashes = 1;
      await expect(perform(step)).rejects.toThrow("killed");
    },
    stored: () => shipments.byId(shipment.id),
    told: async (): Promise<string[]> =>
      (await database.sql`select type from event where key = ${shipment.orderId} order by position`).map(
        (row: { type: string }) => row.type,
      ),
    jobs: async (): Promise<string[]> =>
      (
        await database.sql`select task_identifier as task from graphile_worker.jobs
          join graphile_worker._private_jobs using (id) where payload->>'shipmentId' = ${shipment.id} order by jobs.id`
      ).map((row: { task: string }) => row.task),
  };
}

describe.each([
  ["runs twice", async (perform: () => Promise<unknown>) => [await perform(), await perform()]],
  ["runs in two processes at once", (perform: () => Promise<unknown>) => Promise.all([perform(), perform()])],
] as const)("when each job %s", (_, repeated) => {
  test("there is one tracking number, one dispatch and one delivery", async () => {
    const shipment = await rig();
    const numbers = new Set<string | undefined>();
    for (const step of steps) {
      await repeated(async () => shipment.perform(step));
      numbers.add((await shipment.stored()).booking?.trackingNumber);
    }
    expect((await shipment.stored()).status).toBe("delivered");
    expect(numbers.size).toBe(1);
    expect(await shipment.told()).toEqual(["shipment.dispatched", "shipment.delivered"]);
    expect(await shipment.jobs()).toEqual(["dispatch-shipment", "deliver-shipment"]);
  });
});

test.each([...steps])(
  "a process killed in %s before its commit leaves nothing that the next run does not mend",
  async (killed) => {
    const shipment = await rig();
    for (const step of steps) {
      if (step === killed) await shipment.killBeforeCommit(step);
      await shipment.perform(step);
    }
    expect((await shipment.stored()).status).toBe("delivered");
    expect(await shipment.told()).toEqual(["shipment.dispatched", "shipment.delivered"]);
    expect(shipment.carrier.hasBooking(shipment.key)).toBe(true);
  },
);

test("a job of a step that is long past calls nobody", async () => {
  const shipment = await rig();
  for (const step of steps) await shipment.perform(step);
  const before = shipment.carrier.callsOf(shipment.key);
  for (const step of steps) await shipment.perform(step);
  expect(shipment.carrier.callsOf(shipment.key)).toEqual(before);
});

test("a dispatch that order does not authorize is never handed to the carrier", async () => {
  const shipment = await rig({ isConfirmed: false });
  await shipment.perform("book-shipment");
  await shipment.perform("dispatch-shipment");
  expect((await shipment.stored()).status).toBe("cancelled");
  expect(shipment.carrier.callsOf(shipment.key)).toEqual(["book"]);
  expect(await shipment.jobs()).toEqual(["dispatch-shipment", "cancel-booking"]);
  await shipment.perform("cancel-booking");
  expect(shipment.carrier.hasBooking(shipment.key)).toBe(false);
});

test("a booking that must be given back again while that is under way leaves no job without attempts", async () => {
  const { key, stored, perform, jobs } = await rig();
  const { id } = await stored();
  await another().update(id, (shipment) => cancelShipment(shipment, new Date()));
  await database.sql`
    update graphile_worker._private_jobs set locked_at = now(), locked_by = 'running' where payload->>'shipmentId' = ${id}`;
  await another().update(id, (shipment) =>
    recordBooking(shipment, { carrier: "simulated", trackingNumber: key }, { at: new Date(), delayMs: 0 }),
  );
  expect(await jobs()).toEqual(["cancel-booking", "cancel-booking"]);
  const exhausted = await database.sql`select from graphile_worker.jobs where attempts >= max_attempts`;
  expect(exhausted).toHaveLength(0);
  await perform("cancel-booking");
});

test("a booking that the carrier takes down after it was given back is given back again", async () => {
  const { carrier, key, stored, perform } = await rig();
  const { id, orderNumber } = await stored();
  const answer = carrier.hold(orderNumber);
  carrier.failNext(orderNumber, 1);
  const late = Promise.resolve(perform("book-shipment")).catch((error: unknown) => error);
  await eventually(() => carrier.callsOf(key).includes("book"));
  await another().update(id, (shipment) => cancelShipment(shipment, new Date()));
  await perform("cancel-booking");
  answer();
  expect(await late).toBeInstanceOf(CarrierUnavailable);
  expect(carrier.hasBooking(key)).toBe(true);

  await perform("book-shipment");
  expect(carrier.hasBooking(key)).toBe(false);
  expect((await stored()).status).toBe("cancelled");
});

test("an unknown shipment is refused, alone", async () => {
  const known = await rig();
  const missing = shipments.update(crypto.randomUUID(), (shipment) => ({ shipment, facts: [], tasks: [] }));
  const [booked, refused] = await Promise.allSettled([known.perform("book-shipment"), missing]);
  expect(booked.status).toBe("fulfilled");
  expect(refused).toMatchObject({ reason: { reason: "shipment_not_found" } });
  expect((await known.stored()).status).toBe("booked");
});
