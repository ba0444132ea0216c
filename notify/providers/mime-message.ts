import { oneLine } from "../domain/mail-view.ts";
import type { Mail } from "./mailer.ts";

type Address = { name: string; email: string };
type Message = Mail & { from: Address; messageId: string; date: Date };

/** RFC 5322 allows 998 characters in a line without its end. */
const maxLineCharacters = 998;
/** Of an encoded word, which may have 75 characters in all. */
const maxWordBytes = 45;
const base64LineCharacters = 76;
const lineEnd = "\r\n";

/** A letter as it is sent (RFC 5322): plain text and HTML, of which the reader's program shows the one it prefers. */
export function mimeMessage({ from, to, subject, headers, text, html, messageId, date }: Message): Buffer {
  const boundary = `=_${crypto.randomUUID()}`;
  const lines = [
    `From: ${mailbox(from)}`,
    `To: ${mailbox(to)}`,
    `Subject: ${words(oneLine(subject))}`,
    `Message-ID: ${messageId}`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    "MIME-Version: 1.0",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${words(oneLine(value))}`),
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    "",
    `--${boundary}`,
    ...part("text/plain", text),
    `--${boundary}`,
    ...part("text/html", html),
    `--${boundary}--`,
    "",
  ];
  return Buffer.from(lines.join(lineEnd));
}

function part(type: string, content: string): string[] {
  const body = content.replace(/\r\n|\r|\n/g, lineEnd);
  const encoding = isPlain(body) ? "7bit" : "base64";
  return [
    `Content-Type: ${type}; charset=utf-8`,
    `Content-Transfer-Encoding: ${encoding}`,
    "",
    encoding === "7bit" ? body : base64Lines(body),
  ];
}

/** Fit to be sent as it is. */
function isPlain(body: string): boolean {
  return /^[\t\r\n\x20-\x7e]*$/.test(body) && body.split(lineEnd).every((line) => line.length <= maxLineCharacters);
}

function base64Lines(body: string): string {
  const encoded = Buffer.from(body).toString("base64");
  return encoded.match(new RegExp(`.{1,${base64LineCharacters}}`, "g"))?.join(lineEnd) ?? "";
}

function mailbox({ name, email }: Address): string {
  const shown = oneLine(name);
  const address = `<${oneLine(email)}>`;
  if (shown === "") return address;
  const encoded = words(shown);
  return `${encoded === shown ? `"${shown.replace(/["\\]/g, "\\$&")}"` : encoded} ${address}`;
}

/** Text in a header (RFC 2047). What looks encoded is encoded, so that it is shown as it was written. */
function words(text: string): string {
  if (/^[\x20-\x7e]{0,200}$/.test(text) && !text.includes("=?")) return text;
  const chunks = [""];
  for (const character of text) {
    const last = chunks.length - 1;
    if (Buffer.byteLength(chunks[last] + character) > maxWordBytes) chunks.push(character);
    else chunks[last] += character;
  }
  return chunks.map((chunk) => `=?UTF-8?B?${Buffer.from(chunk).toString("base64")}?=`).join(`${lineEnd} `);
}
