import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { fact } from "@orderflow/common/events/catalog";
import type { Door } from "@orderflow/common/service/door";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";
import { createTestMailbox, type TestMailbox } from "@orderflow/tools/testing/test-mailbox";
import { createTestProducer, type TestProducer } from "@orderflow/tools/testing/test-producer";
import { readNotifyConfig } from "./config.ts";
import { createContext, type NotifyContext } from "./context.ts";
import { orderEventData, stockLowData } from "./domain/event-data.ts";
import { type OrderMailKind, orderMailKinds } from "./domain/mail-kinds.ts";
import { announceOrders } from "./handlers/announce-orders.ts";
import { openWorker } from "./worker.ts";

let database: TestDatabase;
let order: TestProducer;
let inventory: TestProducer;
let mailbox: TestMailbox;
let context: NotifyContext;
let door: Door;

beforeAll(async () => {
  [database, order, inventory, mailbox] = await Promise.all([
    createTestDatabase({ service: "notify" }),
    createTestProducer({ service: "order", streams: ["order"] }),
    createTestProducer({ service: "inventory", streams: ["inventory"] }),
    createTestMailbox(),
  ]);
  const environment = {
    ...(await testEnvironment({ service: "notify", databaseUrl: database.url })),
    ORDER_URL: order.url,
    INVENTORY_URL: inventory.url,
    SMTP_URL: mailbox.url,
    OPERATIONS_EMAIL: "operations@example.com",
  };
  context = await createContext(readNotifyConfig(environment));
  door = await openWorker(context);
});

afterAll(async () => {
  await door.close();
  await context.close();
  await Promise.all([order.close(), inventory.close(), mailbox.close()]);
  await database.drop();
});

beforeEach(() => mailbox.answer(null));

type Contact = { name: string; email: string };
const someone = (): Contact => ({ name: "Ada", email: `${crypto.randomUUID()}@example.com` });

function told(kind: OrderMailKind, contact: Contact, orderId: string = crypto.randomUUID()) {
  return { ...fact(kind, orderId, orderEventData(kind, { orderId, contact })), correlationId: "correlation-1" };
}

const mailsTo = ({ email }: Contact) =>
  mailbox.mails.filter((mail) => mail.to?.some(({ address }) => address === email));

async function mailTo(contact: Contact) {
  await eventually(() => expect(mailsTo(contact)).toHaveLength(1));
  return mailsTo(contact)[0];
}

type Row = { kind: string; status: string; attempts: number; last_error: string | null };
async function deliveriesTo({ email }: Contact): Promise<Row[]> {
  const rows: Row[] = await context.sql`
    select kind, status, attempts, last_error from delivery where recipient_email = ${email} order by id`;
  return [...rows];
}

/** What graphile-worker waits for after a failure is skipped. */
async function runJobsNow(): Promise<void> {
  await context.sql`update graphile_worker._private_jobs set run_at = now() where locked_at is null`;
  await context.sql`select pg_notify('jobs:insert', '{"count":1}')`;
}

test("each state of an order is one mail to its contact", async () => {
  const contact = someone();
  const orderId = crypto.randomUUID();
  const events = await order.append(orderMailKinds.map((kind) => told(kind, contact, orderId)));
  await eventually(() => expect(mailsTo(contact)).toHaveLength(orderMailKinds.length));
  const marks = mailsTo(contact).map((mail) => Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])));
  expect(marks.map((mark) => mark["x-orderflow-event"]).sort()).toEqual([...orderMailKinds].sort());
  for (const mark of marks) expect(mark["x-orderflow-order"]).toBe(orderId);
  expect(
    mailsTo(contact)
      .map(({ messageId }) => messageId)
      .sort(),
  ).toEqual(events.map(({ id }) => `<${id}@orderflow.example>`).sort());
  await eventually(async () => {
    for (const { status, attempts } of await deliveriesTo(contact)) expect([status, attempts]).toEqual(["sent", 1]);
  });
});

test("a mail has HTML and text, the lines and the total, and names the order", async () => {
  const contact = someone();
  await order.append([told("order.created", contact)]);
  const mail = await mailTo(contact);
  expect(mail?.subject).toBe("We received your order 2026-000001");
  for (const body of [mail?.html, mail?.text]) {
    expect(body).toContain("Green tea");
    expect(body).toContain("16.50 EUR");
  }
});

test("a hostile name reaches the header as one line and the HTML escaped", async () => {
  const contact = { ...someone(), name: 'Eve <b>"\r\nBcc: victim@example.com\r\n\r\n<script>' };
  await order.append([told("order.created", contact)]);
  const mail = await mailTo(contact);
  expect(mail?.bcc ?? []).toEqual([]);
  expect(mail?.to).toHaveLength(1);
  expect(mail?.headers.map(({ key }) => key)).not.toContain("bcc");
  expect(mail?.html).not.toContain("<script>");
});

test("events that come again, by the broker or by a second cursor, tell nobody twice", async () => {
  const contact = someone();
  const events = await order.append(orderMailKinds.map((kind) => told(kind, contact)));
  await eventually(() => expect(mailsTo(contact)).toHaveLength(6));
  order.publish(events);
  // As after the loss of a cursor: the whole batch is applied once more, and the same state under another event id.
  const again = events.map((event) => ({ ...event, id: crypto.randomUUID() }));
  await context.sql.begin((tx) => announceOrders(context)(tx, [...events, ...again]));
  const last = someone();
  await order.append([told("order.created", last)]);
  await eventually(() => expect(mailsTo(last)).toHaveLength(1));
  expect(await deliveriesTo(contact)).toHaveLength(6);
  expect(mailsTo(contact)).toHaveLength(6);
});

test("an order's event of a type without a mail is passed over", async () => {
  const contact = someone();
  await order.append([
    { stream: "order", type: "order.repainted", key: "o", data: {} },
    told("order.created", contact),
  ]);
  await eventually(() => expect(mailsTo(contact)).toHaveLength(1));
});

test("while the server refuses for now, attempts are counted; then the mail goes out once", async () => {
  mailbox.answer({ code: 451, message: "greylisted" });
  const contact = someone();
  await order.append([told("order.created", contact)]);
  await eventually(async () =>
    expect(await deliveriesTo(contact)).toMatchObject([
      { status: "pending", attempts: 1, last_error: expect.stringContaining("greylisted") },
    ]),
  );

  mailbox.answer(null);
  await eventually(async () => {
    await runJobsNow();
    expect(await deliveriesTo(contact)).toMatchObject([{ status: "sent", last_error: null }]);
  });
  expect(mailsTo(contact)).toHaveLength(1);
});

test("an address that is refused for good is not tried again", async () => {
  mailbox.answer({ code: 550, message: "no such user" });
  const contact = someone();
  await order.append([told("order.created", contact)]);
  await eventually(async () => expect(await deliveriesTo(contact)).toMatchObject([{ status: "failed", attempts: 1 }]));
  await eventually(async () => expect(await context.sql`select 1 from graphile_worker.jobs`).toHaveLength(0));
  expect(mailsTo(contact)).toEqual([]);
});

test("a job that runs again after its mail was sent sends nothing", async () => {
  const contact = someone();
  await order.append([told("order.created", contact)]);
  await eventually(async () => expect(await deliveriesTo(contact)).toMatchObject([{ status: "sent" }]));
  await context.sql`select graphile_worker.add_job('send-mail',
    (select json_build_object('deliveryId', id) from delivery where recipient_email = ${contact.email}))`;
  await eventually(async () => expect(await context.sql`select 1 from graphile_worker.jobs`).toHaveLength(0));
  expect(mailsTo(contact)).toHaveLength(1);
});

test("low stock is told to operations, once per crossing", async () => {
  const operations = { name: "Operations", email: "operations@example.com" };
  const low = () => fact("stock.low", "TEA-1", stockLowData);
  const events = await inventory.append([low(), low()]);
  await eventually(() => expect(mailsTo(operations)).toHaveLength(2));
  inventory.publish(events);
  expect(mailsTo(operations)[0]?.subject).toBe("Low stock: TEA-1");
  expect(await deliveriesTo(operations)).toHaveLength(2);
});
