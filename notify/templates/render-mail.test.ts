import { describe, expect, test } from "bun:test";
import { orderEventData, stockLowData } from "../domain/event-data.ts";
import { mailKinds, orderMailKinds } from "../domain/mail-kinds.ts";
import { renderMail } from "./render-mail.ts";

const hostileName = `Eve <script>alert(1)</script> "&'\r\nBcc: all@example.com`;
const dataOf = (kind: (typeof mailKinds)[number], name = "Ada") =>
  kind === "stock.low"
    ? { ...stockLowData, name }
    : orderEventData(kind, { contact: { name, email: "ada@example.com" } });

describe.each([...mailKinds])("the mail of %s", (kind) => {
  test("comes in HTML and in text, under one subject", () => {
    const mail = renderMail({ kind, data: dataOf(kind) });
    expect(mail.html).toStartWith("<!doctype html>");
    expect(mail.html).toContain(mail.subject);
    expect(mail.text).toContain(mail.subject);
    expect(mail.text).not.toContain("undefined");
    expect(mail.html).not.toContain("undefined");
  });

  test("escapes a hostile name in HTML and keeps it on its line in text", () => {
    const mail = renderMail({ kind, data: dataOf(kind, hostileName) });
    expect(mail.html).not.toContain("<script>");
    expect(mail.html).toContain("Eve &lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;&#39;");
    expect(mail.text).not.toMatch(/^Bcc:/m);
    expect(mail.subject).not.toMatch(/[\r\n]/);
  });
});

test.each([...orderMailKinds])("the subject of %s names the order", (kind) => {
  expect(renderMail({ kind, data: dataOf(kind) }).subject).toContain("2026-000001");
});

test("an order number cannot start a header", () => {
  const data = orderEventData("order.created", { number: "1\r\nBcc: all@example.com" });
  expect(renderMail({ kind: "order.created", data }).subject).toBe("We received your order 1 Bcc: all@example.com");
});

test("a created order shows its lines, their amounts, the total and the address", () => {
  const { html, text } = renderMail({ kind: "order.created", data: dataOf("order.created") });
  for (const shown of ["Green tea", "TEA-1", "9.00 EUR", "Cup", "7.50 EUR", "16.50 EUR", "10115 Berlin"]) {
    expect(html).toContain(shown);
    expect(text).toContain(shown);
  }
});

test("a shipped order shows its tracking number, a rejected one its SKUs, a cancelled one its reason", () => {
  expect(renderMail({ kind: "order.shipped", data: dataOf("order.shipped") }).text).toContain("SIM42");
  expect(renderMail({ kind: "order.rejected", data: dataOf("order.rejected") }).text).toContain("- TEA-1");
  expect(renderMail({ kind: "order.cancelled", data: dataOf("order.cancelled") }).html).toContain("changed my mind");
});

test("a reason written by a customer is escaped too", () => {
  const data = orderEventData("order.cancelled", { reason: "<img src=x onerror=alert(1)>" });
  expect(renderMail({ kind: "order.cancelled", data }).html).toContain("&lt;img src=x");
});

test("data that is not what its kind promises is refused", () => {
  expect(() => renderMail({ kind: "order.shipped", data: { number: "1" } })).toThrow();
});
