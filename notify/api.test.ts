import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Role } from "@orderflow/common/auth/caller";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { callerHeaders } from "@orderflow/tools/testing/caller-headers";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";
import { createTRPCClient, httpLink } from "@trpc/client";
import { openApi } from "./api.ts";
import { readNotifyConfig } from "./config.ts";
import { createContext, type NotifyContext } from "./context.ts";
import { announceOrder } from "./domain/announce.ts";
import { orderEventData } from "./domain/event-data.ts";
import type { NotifyRouter } from "./handlers/router.ts";
import { announce } from "./repositories/deliveries.ts";

let database: TestDatabase;
let context: NotifyContext;
let door: OpenDoor;

beforeAll(async () => {
  database = await createTestDatabase({ service: "notify" });
  context = await createContext(
    readNotifyConfig(await testEnvironment({ service: "notify", databaseUrl: database.url })),
  );
  door = await openApi(context);
});

afterAll(async () => {
  await door.close();
  await context.close();
  await database.drop();
});

const callAs = (role: Role) =>
  createTRPCClient<NotifyRouter>({
    links: [httpLink({ url: `${door.url}/trpc`, headers: () => callerHeaders(role), methodOverride: "POST" })],
  });

function anOrderEvent(orderId: string = crypto.randomUUID()) {
  return {
    ...{ id: crypto.randomUUID(), stream: "order", key: orderId, time: "", logId: "", position: 1, previousId: null },
    type: "order.created" as const,
    data: orderEventData("order.created", { orderId }),
  };
}

/** A stored delivery, with its sending job taken away. */
async function stored(status: "pending" | "sent" | "failed"): Promise<{ id: string; orderId: string }> {
  const orderId = crypto.randomUUID();
  await context.sql.begin((tx) => announce(tx, [announceOrder(anOrderEvent(orderId), new Date())]));
  const [row]: { id: string }[] = await context.sql`
    update delivery set status = ${status}, last_error = 'no' where order_id = ${orderId}::uuid returning id`;
  await context.sql`delete from graphile_worker._private_jobs`;
  return { id: row?.id ?? "", orderId };
}

const jobsOf = async (id: string) =>
  (await context.sql`select key from graphile_worker.jobs where key = ${`send-mail:${id}`}`).length;

describe.each(["deliveries", "retryDelivery"] as const)("%s", (procedure) => {
  test.each([
    ["nobody", "UNAUTHORIZED", "unauthenticated"],
    ["customer", "FORBIDDEN", "forbidden"],
  ] as const)("is not for %s", async (role, code, reason) => {
    const client = callAs(role);
    const input = { idempotencyKey: crypto.randomUUID(), deliveryId: crypto.randomUUID() };
    const call = procedure === "deliveries" ? client.deliveries.query({}) : client.retryDelivery.mutate(input);
    await expect(call).rejects.toMatchObject({ data: { code, reason } });
  });
});

test("deliveries are found by order and by status, newest first, page by page", async () => {
  const { id, orderId } = await stored("failed");
  const operator = callAs("operator");
  const [found, ...more] = (await operator.deliveries.query({ orderId })).items;
  expect(found).toMatchObject({ id, orderId, kind: "order.created", status: "failed", lastError: "no", sentAt: null });
  expect(more).toEqual([]);
  expect((await operator.deliveries.query({ orderId, status: "sent" })).items).toEqual([]);

  const others = [await stored("pending"), await stored("pending")].map((delivery) => delivery.id);
  const first = await operator.deliveries.query({ status: "pending", limit: 1 });
  const second = await operator.deliveries.query({ status: "pending", limit: 1, cursor: first.nextCursor ?? "" });
  expect([first, second].map(({ items }) => items[0]?.id)).toEqual(others.reverse());
  expect(second.nextCursor).toBeNull();
});

test("retrying a failed delivery queues one job, however often the call comes", async () => {
  const { id } = await stored("failed");
  const call = { idempotencyKey: crypto.randomUUID(), deliveryId: id };
  const answers = await Promise.all(Array.from({ length: 10 }, () => callAs("operator").retryDelivery.mutate(call)));
  for (const answer of answers) expect(answer).toEqual(answers[0] as never);
  expect(answers[0]).toMatchObject({ id, status: "pending" });
  expect(await jobsOf(id)).toBe(1);
});

test.each(["sent", "pending"] as const)("retrying a delivery that is %s changes nothing", async (status) => {
  const { id } = await stored(status);
  const call = { idempotencyKey: crypto.randomUUID(), deliveryId: id };
  expect(await callAs("operator").retryDelivery.mutate(call)).toMatchObject({ id, status });
  expect(await jobsOf(id)).toBe(0);
});

test.each([1, 3])(
  "retrying a delivery whose last attempt told of no outcome runs its job again, of %d in a row",
  async (count) => {
    const orders = Array.from({ length: count }, () => anOrderEvent());
    await context.sql.begin((tx) =>
      announce(
        tx,
        orders.map((event) => announceOrder(event, new Date())),
      ),
    );
    await context.sql`update graphile_worker._private_jobs set attempts = max_attempts`;
    const [{ id }] = await context.sql`select id from delivery where order_id = ${orders.at(-1)?.key ?? ""}::uuid`;
    const exhausted = async () =>
      (await context.sql`select from graphile_worker.jobs where attempts >= max_attempts`).length;
    expect(await exhausted()).toBe(1);
    const retry = () =>
      callAs("operator").retryDelivery.mutate({ idempotencyKey: crypto.randomUUID(), deliveryId: id });
    expect(await retry()).toMatchObject({ id, status: "pending" });
    expect(await exhausted()).toBe(0);
    const jobs = await context.sql`select attempts, run_at <= now() as due from graphile_worker.jobs`;
    expect(jobs).toEqual([{ attempts: 0, due: true }]);
    await context.sql`delete from graphile_worker._private_jobs`;
  },
);

test("a key that was used for another delivery, and an unknown delivery, are refused", async () => {
  const idempotencyKey = crypto.randomUUID();
  const retry = callAs("operator").retryDelivery;
  await retry.mutate({ idempotencyKey, deliveryId: (await stored("failed")).id });
  await expect(retry.mutate({ idempotencyKey, deliveryId: crypto.randomUUID() })).rejects.toMatchObject({
    data: { code: "CONFLICT", reason: "idempotency_key_reused" },
  });
  await expect(
    retry.mutate({ idempotencyKey: crypto.randomUUID(), deliveryId: crypto.randomUUID() }),
  ).rejects.toMatchObject({ data: { code: "NOT_FOUND", reason: "delivery_not_found" } });
});

test.each([{ limit: 0 }, { limit: 101 }, { status: "lost" }, { cursor: "x" }])("%j is bad input", async (input) => {
  await expect(callAs("operator").deliveries.query(input as never)).rejects.toMatchObject({
    data: { code: "BAD_REQUEST", reason: "invalid_input" },
  });
});

test("it is ready while its database answers", async () => {
  expect((await fetch(`${door.url}/readyz`)).status).toBe(200);
});
