import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Role } from "@orderflow/common/auth/caller";
import { createTokenSigner } from "@orderflow/common/auth/internal-token";
import type { OpenDoor } from "@orderflow/common/http/open-app";
import { addJobs } from "@orderflow/common/jobs/add-jobs";
import { fixedPeers } from "@orderflow/common/resilience/testing/fixed-peers";
import { createInternalClient } from "@orderflow/common/trpc/internal-client";
import { callerHeaders } from "@orderflow/tools/testing/caller-headers";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";
import { testKeys } from "@orderflow/tools/testing/test-keys";
import { createTRPCClient, httpLink } from "@trpc/client";
import { openApi } from "./api.ts";
import { readWorkerConfig } from "./config.ts";
import { createContext, type WorkerContext } from "./context.ts";
import { aShipment } from "./domain/a-shipment.ts";
import type { WorkerInternalRouter, WorkerRouter } from "./handlers/router.ts";
import { insertShipments } from "./repositories/shipment-rows.ts";

let database: TestDatabase;
let context: WorkerContext;
let door: OpenDoor;

beforeAll(async () => {
  database = await createTestDatabase({ service: "worker" });
  context = await createContext(
    readWorkerConfig(await testEnvironment({ service: "worker", databaseUrl: database.url })),
  );
  door = await openApi(context);
});

afterAll(async () => {
  await door.close();
  await context.close();
  await database.drop();
});

const callAs = (role: Role) =>
  createTRPCClient<WorkerRouter>({
    links: [httpLink({ url: `${door.url}/trpc`, headers: () => callerHeaders(role), methodOverride: "POST" })],
  });

describe.each(["shipments", "jobs", "rerunJob"] as const)("%s", (procedure) => {
  test.each([
    ["nobody", "UNAUTHORIZED", "unauthenticated"],
    ["customer", "FORBIDDEN", "forbidden"],
  ] as const)("is not for %s", async (role, code, reason) => {
    const client = callAs(role);
    const calls = {
      shipments: () => client.shipments.query({}),
      jobs: () => client.jobs.query({}),
      rerunJob: () => client.rerunJob.mutate({ idempotencyKey: crypto.randomUUID(), jobId: "1" }),
    };
    await expect(calls[procedure]()).rejects.toMatchObject({ data: { code, reason } });
  });
});

test("shipments are found by order and by status, newest first, page by page", async () => {
  const stored = [aShipment({ status: "booked" }), aShipment({ status: "booked" }), aShipment({ status: "delivered" })];
  await context.sql.begin((tx) => insertShipments(tx, stored));
  const operator = callAs("operator");
  const [first, second] = stored.map(({ id, orderId }) => ({ id, orderId }));
  const found = await operator.shipments.query({ orderId: first?.orderId });
  expect(found).toMatchObject({
    items: [{ ...first, status: "booked", trackingNumber: "SIM000001" }],
    nextCursor: null,
  });
  const page = await operator.shipments.query({ status: "booked", limit: 1 });
  expect(page.items).toMatchObject([second ?? {}]);
  const next = await operator.shipments.query({ status: "booked", limit: 1, cursor: page.nextCursor ?? "" });
  expect(next).toMatchObject({ items: [first ?? {}], nextCursor: null });
});

test("a job is listed and, once per key, rerun", async () => {
  const key = crypto.randomUUID();
  await addJobs(context.sql, [{ task: "book-shipment", payload: {}, key, runAt: new Date(Date.now() + 3_600_000) }]);
  const operator = callAs("operator");
  const job = (await operator.jobs.query({ state: "scheduled" })).items.find((item) => item.key === key);
  expect(job).toMatchObject({ task: "book-shipment", attempts: 0 });

  const call = { idempotencyKey: crypto.randomUUID(), jobId: job?.id ?? "" };
  expect(await operator.rerunJob.mutate(call)).toEqual({ jobId: call.jobId });
  expect((await operator.jobs.query({ state: "ready" })).items.map(({ id }) => id)).toContain(call.jobId);

  await context.sql`delete from graphile_worker._private_jobs`;
  expect(await operator.rerunJob.mutate(call)).toEqual({ jobId: call.jobId });
  await expect(operator.rerunJob.mutate({ ...call, jobId: "999999" })).rejects.toMatchObject({
    data: { code: "CONFLICT", reason: "idempotency_key_reused" },
  });
  await expect(operator.rerunJob.mutate({ ...call, idempotencyKey: crypto.randomUUID() })).rejects.toMatchObject({
    data: { code: "NOT_FOUND", reason: "job_not_found" },
  });
});

test.each([{ limit: 0 }, { limit: 101 }, { limit: 1.5 }, { status: "lost" }, { orderId: "1" }])(
  "%j is bad input",
  async (input) => {
    await expect(callAs("operator").shipments.query(input as never)).rejects.toMatchObject({
      data: { code: "BAD_REQUEST", reason: "invalid_input" },
    });
  },
);

test("a neighbour reads the events of worker, and is noted once it says where it is; an operator does not", async () => {
  const { privateKeys } = await testKeys();
  const signer = createTokenSigner({ issuer: "order", privateKey: privateKeys.order ?? "" });
  const client = createInternalClient<WorkerInternalRouter>({
    target: fixedPeers({ worker: door.url }).target({ service: "worker" }),
    signer,
    issuer: "order",
  });
  expect(await client.events.read.query({ stream: "worker", after: 0, limit: 10 })).toMatchObject({
    head: 0,
    events: [],
  });
  const readers = () => context.sql`select reader, seen_at is not null as "isSeen" from stream_reader order by reader`;
  const unheard = [
    { reader: "inventory", isSeen: false },
    { reader: "order", isSeen: false },
  ];
  expect([...(await readers())]).toEqual(unheard);
  await client.events.read.query({ stream: "worker", after: 0, limit: 10, cursorEventId: null });
  expect([...(await readers())]).toEqual([unheard[0], { reader: "order", isSeen: true }]);
  const input = encodeURIComponent(JSON.stringify({ stream: "worker", after: 0, limit: 10 }));
  const answer = await fetch(`${door.url}/internal/events.read?input=${input}`, {
    headers: await callerHeaders("operator"),
  });
  expect(answer.status).toBe(401);
});
