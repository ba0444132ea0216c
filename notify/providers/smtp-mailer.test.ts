import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestMailbox, type TestMailbox } from "@orderflow/tools/testing/test-mailbox";
import type { Mail, Mailer } from "./mailer.ts";
import { createSmtpMailer } from "./smtp-mailer.ts";

let mailbox: TestMailbox;
let mailer: Mailer;
const mailerFor = (url: string, timeoutMs = 10_000) =>
  createSmtpMailer({ url, from: "orderflow <shop@orderflow.example>", timeoutMs, connections: 2 });

beforeAll(async () => {
  mailbox = await createTestMailbox();
  mailer = mailerFor(mailbox.url);
});

afterAll(async () => {
  mailer.close();
  await mailbox.close();
});

const aMail = (to: Partial<Mail["to"]> = {}): Mail => ({
  id: crypto.randomUUID(),
  to: { name: "Ada", email: `${crypto.randomUUID()}@example.com`, ...to },
  subject: "Hello",
  html: "<p>Hello</p>",
  text: "Hello",
  headers: { "X-Orderflow-Event": "order.created" },
});

test("a mail carries its id, its sender and its headers", async () => {
  const mail = aMail();
  expect(await mailer.send(mail)).toEqual({ kind: "accepted" });
  const taken = mailbox.mails.at(-1);
  expect(taken?.messageId).toBe(`<${mail.id}@orderflow.example>`);
  expect(taken?.from).toMatchObject({ name: "orderflow", address: "shop@orderflow.example" });
  expect(taken?.headers).toContainEqual(expect.objectContaining({ key: "x-orderflow-event", value: "order.created" }));
});

test("a line break in a name starts no header", async () => {
  expect(await mailer.send(aMail({ name: "Eve\r\nBcc: all@example.com" }))).toEqual({ kind: "accepted" });
  expect(mailbox.mails.at(-1)?.to).toMatchObject([{ name: "Eve Bcc: all@example.com" }]);
  expect(mailbox.mails.at(-1)?.bcc ?? []).toEqual([]);
});

test.each([
  ["recipient", 550, "refused"],
  ["recipient", 553, "refused"],
  ["recipient", 450, "failed"],
  ["data", 554, "refused"],
  ["data", 451, "failed"],
] as const)("a reply to the %s of %d is %s", async (at, code, kind) => {
  mailbox.answer({ code, message: "no" }, { at });
  const outcome = await mailer.send(aMail());
  mailbox.answer(null, { at });
  expect(outcome).toMatchObject({ kind, reason: expect.stringContaining(String(code)) });
});

test("an address that is none is refused", async () => {
  expect(await mailer.send(aMail({ email: "" }))).toMatchObject({ kind: "refused" });
});

test("a server that is away, or says nothing, is a failure within the bound", async () => {
  const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const mute = mailerFor(`smtp://127.0.0.1:${silent.port}`, 300);
  const startedAt = performance.now();
  expect(await mute.send(aMail())).toMatchObject({ kind: "failed" });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  silent.stop(true);
  expect(await mute.send(aMail())).toMatchObject({ kind: "failed" });
  mute.close();
});

test("letters of any alphabet, a dot that begins a line and a line without end arrive as they were written", async () => {
  const written = {
    subject: "Größe = 42 €, ✓ 注文 =?UTF-8?Q?no?= ".repeat(4).trim(),
    text: `.\n..two dots\nÄpfel und 茶\n${"long ".repeat(400)}end\n`,
    html: `<p>.\n.</p>\n<p>${"Tee ".repeat(500)}</p>\n`,
  };
  expect(await mailer.send({ ...aMail({ name: 'Jürgen "茶" Müller' }), ...written })).toEqual({ kind: "accepted" });
  const taken = mailbox.mails.at(-1);
  expect(taken?.subject).toBe(written.subject);
  expect(taken?.to).toMatchObject([{ name: 'Jürgen "茶" Müller' }]);
  expect(taken?.text?.replaceAll("\r\n", "\n")).toBe(written.text);
  expect(taken?.html?.replaceAll("\r\n", "\n")).toBe(written.html);
});

test.each(["Ada", 'Ada "the first"', "a\\b", "", "x".repeat(300), "A, B; <c@d.e>"])(
  "the name %p is shown as it is",
  async (name) => {
    const mail = aMail({ name });
    expect(await mailer.send(mail)).toEqual({ kind: "accepted" });
    expect(mailbox.mails.at(-1)?.to).toEqual([{ name, address: mail.to.email }]);
  },
);

test("mails one after another share a connection, also after one that was refused, until the server hangs up", async () => {
  const opened = mailbox.connections();
  const apart = mailerFor(mailbox.url);
  const refused = aMail();
  mailbox.answerTo(refused.to.email, { code: 550, message: "no such user" });
  for (const mail of [aMail(), refused, aMail(), aMail()]) await apart.send(mail);
  expect(mailbox.connections() - opened).toBe(1);
  mailbox.hangUp();
  await eventually(async () => expect(await apart.send(aMail())).toEqual({ kind: "accepted" }));
  expect(mailbox.connections() - opened).toBe(2);
  apart.close();
});

test("the URL's name and password are shown to the server; a wrong one is a failure, not a verdict on the mail", async () => {
  const closed = await createTestMailbox({ login: { user: "shop@example.com", password: "p@ss:word" } });
  const [right, wrong] = ["p%40ss%3Aword", "other"].map((password) =>
    mailerFor(closed.url.replace("smtp://", `smtp://shop%40example.com:${password}@`)),
  );
  expect(await right?.send(aMail())).toEqual({ kind: "accepted" });
  expect(await wrong?.send(aMail())).toMatchObject({ kind: "failed", reason: expect.stringContaining("535") });
  right?.close();
  wrong?.close();
  await closed.close();
});
