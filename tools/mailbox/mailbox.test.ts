import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { createMailStore, type Mail } from "./mail-store.ts";
import { openMailboxHttp } from "./mailbox-http.ts";
import { openSmtpCatcher } from "./smtp-catcher.ts";

const store = createMailStore();
const http = openMailboxHttp(store, 0);
let smtp: Awaited<ReturnType<typeof openSmtpCatcher>>;

beforeAll(async () => {
  smtp = await openSmtpCatcher(store, 0);
});
afterAll(() => Promise.all([smtp.close(), http.close()]));

/** Speaks just enough SMTP, one command after each answer. */
async function send(to: string, subject: string, messageId: string = crypto.randomUUID()): Promise<void> {
  const headers = `From: shop@example.com\r\nTo: ${to}\r\nMessage-ID: <${messageId}@shop>\r\nSubject: ${subject}`;
  const mail = `${headers}\r\n\r\nHello ${to}\r\n.`;
  const commands = ["EHLO test", "MAIL FROM:<shop@example.com>", `RCPT TO:<${to}>`, "DATA", mail, "QUIT"];
  const socket = connect(smtp.port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("data", (answer) => {
      if (answer.toString().startsWith("5")) reject(new Error(answer.toString()));
      const next = commands.shift();
      if (next) socket.write(`${next}\r\n`);
      else resolve();
    });
  });
  socket.destroy();
}

async function list(query: string): Promise<Mail[]> {
  const answer = await fetch(`http://127.0.0.1:${http.port}/messages${query}`);
  return (await answer.json()) as Mail[];
}

test("a caught mail is listed newest first, and by its recipient", async () => {
  await send("Ada@example.com", "first");
  await send("grace@example.com", "second");
  await send("ada@example.com", "third");
  expect((await list("")).map((mail) => mail.subject)).toEqual(["third", "second", "first"]);
  const toAda = await list("?to=ADA@example.com");
  expect(toAda.map((mail) => mail.subject)).toEqual(["third", "first"]);
  expect(toAda[0]).toMatchObject({
    from: "shop@example.com",
    to: ["ada@example.com"],
    text: "Hello ada@example.com\n",
  });
  expect(await list("?limit=1")).toHaveLength(1);
});

test("a mail that is sent again is one mail, and says how often it came", async () => {
  await send("twice@example.com", "again", "same");
  await send("twice@example.com", "again", "same");
  await send("other@example.com", "again", "same");
  expect((await list("?to=twice@example.com")).map((mail) => mail.copies)).toEqual([2]);
  expect((await list("?to=other@example.com")).map((mail) => mail.copies)).toEqual([1]);
});

test("a server that refuses recipients says so with the code it was given, until it takes them again", async () => {
  const refusal = `http://127.0.0.1:${http.port}/refusal`;
  const put = (body: object) => fetch(refusal, { method: "PUT", body: JSON.stringify(body) });
  expect((await put({ code: 250, message: "fine" })).status).toBe(400);
  expect((await put({ code: 550, message: "5.1.1 No such mailbox" })).status).toBe(204);
  await expect(send("nobody@example.com", "refused")).rejects.toThrow("550 5.1.1 No such mailbox");
  await fetch(refusal, { method: "DELETE" });
  await send("nobody@example.com", "taken");
  expect((await list("?to=nobody@example.com")).map((mail) => mail.subject)).toEqual(["taken"]);
});

test("what tells mails apart is answered for all of them, and for those about one order", async () => {
  const marks = async (query: string) =>
    (await (await fetch(`http://127.0.0.1:${http.port}/marks${query}`)).json()) as {
      headers: object;
      copies: number;
    }[];
  await send("mark@example.com", "mark");
  expect((await marks("")).at(-1)).toMatchObject({ headers: { subject: "mark" }, copies: 1 });
  expect(await marks("?order=none")).toEqual([]);
});

test("a mail that was counted before it was read is shown whole, with its headers", async () => {
  await send("folded@example.com", "a subject that goes on\r\n in the next line\r\nX-Orderflow-Order: order-7");
  const marks = await (await fetch(`http://127.0.0.1:${http.port}/marks?order=order-7`)).json();
  expect(marks).toMatchObject([{ to: ["folded@example.com"], headers: { "x-orderflow-order": "order-7" } }]);
  const [mail] = await list("?to=folded@example.com");
  expect(mail).toMatchObject({
    subject: "a subject that goes on in the next line",
    text: "Hello folded@example.com\n",
  });
  expect(mail).not.toHaveProperty("raw");
  expect(await list("?to=folded@example.com")).toEqual(mail ? [mail] : []);
});

test("the page shows a mail without running what it holds", async () => {
  await send("eve@example.com", "<script>alert(1)</script>");
  const page = await (await fetch(`http://127.0.0.1:${http.port}/`)).text();
  expect(page).not.toContain("<script>");
  expect(page).toContain("&lt;script&gt;");
});

test("deleting empties the mailbox", async () => {
  expect((await fetch(`http://127.0.0.1:${http.port}/messages`, { method: "DELETE" })).status).toBe(204);
  expect(await list("")).toEqual([]);
});

test("a limit out of range is refused", async () => {
  expect((await fetch(`http://127.0.0.1:${http.port}/messages?limit=0`)).status).toBe(400);
});

test("past 10,000 an older mail keeps its headers alone", () => {
  const store = createMailStore(20_000);
  const mail = { from: "", to: [], subject: "", text: "text", html: "html", headers: {}, receivedAt: "" };
  for (let number = 1; number <= 12_000; number++) store.add({ ...mail, id: String(number) });
  expect(store.tally()).toHaveLength(12_000);
  expect(store.byId("1")).toMatchObject({ text: "", html: "" });
  expect(store.byId("12000")).toMatchObject({ text: "text" });
});

test("past its capacity the oldest mail goes", () => {
  const small = createMailStore(10);
  const mail = { from: "", to: [], subject: "", text: "", html: "", headers: {}, receivedAt: "" };
  for (let number = 1; number <= 100; number++) small.add({ ...mail, id: String(number) });
  expect(small.list()).toHaveLength(10);
  expect(small.list()[0]?.id).toBe("100");
});
