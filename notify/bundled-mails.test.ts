import { afterAll, beforeAll, expect, test } from "bun:test";
import { fact } from "@orderflow/common/events/catalog";
import type { Door } from "@orderflow/common/service/door";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";
import { createTestMailbox, type TestMailbox } from "@orderflow/tools/testing/test-mailbox";
import { createTestProducer, type TestProducer } from "@orderflow/tools/testing/test-producer";
import { readNotifyConfig } from "./config.ts";
import { createContext, type NotifyContext } from "./context.ts";
import { aDelivery } from "./domain/a-delivery.ts";
import { orderEventData } from "./domain/event-data.ts";
import { announce, retry } from "./repositories/deliveries.ts";
import { insertDeliveries } from "./repositories/delivery-rows.ts";
import { openWorker } from "./worker.ts";

let database: TestDatabase;
let order: TestProducer;
let mailbox: TestMailbox;
let context: NotifyContext;
let door: Door;

beforeAll(async () => {
  [database, order, mailbox] = await Promise.all([
    createTestDatabase({ service: "notify" }),
    createTestProducer({ service: "order", streams: ["order"] }),
    createTestMailbox(),
  ]);
  const environment = {
    ...(await testEnvironment({ service: "notify", databaseUrl: database.url })),
    ORDER_URL: order.url,
    SMTP_URL: mailbox.url,
  };
  context = await createContext(readNotifyConfig(environment));
  door = await openWorker(context);
});

afterAll(async () => {
  await door.close();
  await context.close();
  await Promise.all([order.close(), mailbox.close()]);
  await database.drop();
});

const addresses = (count: number) => Array.from({ length: count }, () => `${crypto.randomUUID()}@example.com`);

/** Orders placed at the same moment, one for each address: their mails are one bundle. */
async function placeAtOnce(emails: string[]): Promise<void> {
  await order.append(
    emails.map((email) => {
      const orderId = crypto.randomUUID();
      return fact(
        "order.created",
        orderId,
        orderEventData("order.created", { orderId, contact: { name: "Ada", email } }),
      );
    }),
  );
}

const aMailTo = (email: string) => aDelivery({ recipient: { name: "Ada", email } });

type Row = { id: string; status: string; attempts: number; last_error: string | null };
async function deliveryTo(email: string): Promise<Row> {
  const [row]: Row[] = await context.sql`
    select id, status, attempts, last_error from delivery where recipient_email = ${email}`;
  if (!row) throw new Error(`nothing was announced to ${email}`);
  return row;
}

type JobRow = { task: string; key: string | null; attempts: number; last_error: string | null };
async function jobs(): Promise<JobRow[]> {
  return [
    ...(await context.sql`
      select task_identifier as task, key, attempts::int as attempts, last_error from graphile_worker.jobs order by id`),
  ];
}

const copiesTo = (email: string) =>
  mailbox.mails.filter(({ to }) => to?.some(({ address }) => address === email)).map(({ messageId }) => messageId);

const areSent = (emails: string[]) =>
  eventually(async () => {
    for (const email of emails) expect(await deliveryTo(email)).toMatchObject({ status: "sent" });
  });

/** What graphile-worker waits for after a failure is skipped. */
async function runJobsNow(): Promise<void> {
  await context.sql`update graphile_worker._private_jobs set run_at = now() where locked_at is null`;
  await context.sql`select pg_notify('jobs:insert', '{"count":1}')`;
}

test("of fifty mails in a bundle one that is refused for good fails, and the others are sent once", async () => {
  const emails = addresses(50);
  const refused = emails[17] ?? "";
  mailbox.answerTo(refused, { code: 550, message: "no such user" });
  await placeAtOnce(emails);
  const good = emails.filter((email) => email !== refused);
  await areSent(good);
  for (const email of good) expect(copiesTo(email)).toHaveLength(1);
  await eventually(async () =>
    expect(await deliveryTo(refused)).toMatchObject({
      status: "failed",
      attempts: 1,
      last_error: expect.stringContaining("no such user"),
    }),
  );
  await eventually(async () => expect(await jobs()).toEqual([]));
  expect(copiesTo(refused)).toEqual([]);
});

test("mails that are refused for now are tried again alone, and their neighbours are not sent again", async () => {
  const emails = addresses(20);
  const later = emails.slice(0, 3);
  for (const email of later) mailbox.answerTo(email, { code: 451, message: "greylisted" });
  await placeAtOnce(emails);
  await areSent(emails.slice(3));
  const waiting = await Promise.all(later.map(deliveryTo));
  await eventually(async () =>
    expect((await jobs()).map(({ key, attempts }) => ({ key, attempts })).sort(byKey)).toEqual(
      waiting.map(({ id }) => ({ key: `send-mail:${id}`, attempts: 1 })).sort(byKey),
    ),
  );
  for (const { last_error } of await jobs()) expect(last_error).toContain("greylisted");
  for (const email of later) mailbox.answerTo(email, null);
  await runJobsNow();
  await areSent(emails);
  for (const email of emails) expect(copiesTo(email)).toHaveLength(1);
  for (const email of later) expect(await deliveryTo(email)).toMatchObject({ attempts: 2, last_error: null });
});

const byKey = (a: { key: string | null }, b: { key: string | null }) => String(a.key).localeCompare(String(b.key));

test("a server that breaks a connection before it says that it took a mail gets that mail twice, and no other", async () => {
  const emails = addresses(30);
  const broken = emails[11] ?? "";
  mailbox.breakAfter(broken);
  await placeAtOnce(emails);
  await areSent(emails.filter((email) => email !== broken));
  await eventually(async () => {
    await runJobsNow();
    expect(await deliveryTo(broken)).toMatchObject({ status: "sent", attempts: 2 });
  });
  for (const email of emails) expect(copiesTo(email)).toHaveLength(email === broken ? 2 : 1);
  expect(new Set(copiesTo(broken)).size).toBe(1);
});

test("a mail that fails for the last time in its bundle is a failed delivery, which an operator may retry", async () => {
  const emails = addresses(2);
  const failing = emails[0] ?? "";
  mailbox.answerTo(failing, { code: 451, message: "mailbox full" });
  await context.sql.begin(async (tx) => {
    await announce(tx, emails.map(aMailTo));
    // As if each of the attempts before had ended with its process.
    await tx`update graphile_worker._private_jobs set attempts = max_attempts - 1 where key is null`;
  });
  await eventually(async () => expect(await deliveryTo(failing)).toMatchObject({ status: "failed", attempts: 1 }));
  const { id } = await deliveryTo(failing);
  await eventually(async () =>
    expect(await jobs()).toMatchObject([{ task: "send-mail", key: `send-mail:${id}`, attempts: 25 }]),
  );
  mailbox.answerTo(failing, null);
  await context.sql.begin((tx) => retry(tx, { id, at: new Date() }));
  await areSent(emails);
  expect(copiesTo(failing)).toHaveLength(1);
  await eventually(async () => expect(await jobs()).toEqual([]));
});

test("a job that the release before has added is run", async () => {
  const [email = ""] = addresses(1);
  await context.sql.begin((tx) => insertDeliveries(tx, [aMailTo(email)]));
  const { id } = await deliveryTo(email);
  const payload = JSON.stringify({ deliveryId: id, _trace: { correlationId: "c-1" } });
  await context.sql`select graphile_worker.add_job('send-mail', ${payload}::text::json, job_key := ${`send-mail:${id}`})`;
  await areSent([email]);
  await eventually(async () => expect(await jobs()).toEqual([]));
  expect(copiesTo(email)).toHaveLength(1);
});
