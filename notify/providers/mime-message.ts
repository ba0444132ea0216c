import { encode, wrap } from "nodemailer/lib/base64";
import { foldLines } from "nodemailer/lib/mime-funcs";
import MimeNode, { type MimeNodeHeaderValue } from "nodemailer/lib/mime-node";
import { oneLine } from "../domain/mail-view.ts";
import type { Mail } from "./mailer.ts";

type Message = Mail & { from: { name: string; email: string }; messageId: string; date: Date };

const lineEnd = "\r\n";
const maxLineCharacters = 76;
/** What encoding leaves as it is. */
const plain = /^[\w<>@.,: -]*$/;
/** The parts are base64, which has no hyphen, so that no line of theirs can pose as it. */
const boundary = "orderflow-part";
const typeFields = ["MIME-Version: 1.0", `Content-Type: multipart/alternative; boundary="${boundary}"`];

/**
 * A letter as it is sent (RFC 5322): plain text and HTML, of which the reader's program shows the one it prefers.
 * nodemailer encodes what the fields say. Its nodes, which write the whole head, take three times as long for it, and its
 * way to a whole letter, a chain of streams, twenty times.
 */
export function mimeMessage({ from, to, subject, headers, text, html, messageId, date }: Message): Buffer {
  const lines = [
    field("From", { name: oneLine(from.name), address: from.email }),
    field("To", { name: oneLine(to.name), address: to.email }),
    field("Subject", oneLine(subject)),
    field("Message-ID", messageId),
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    ...Object.entries(headers).map(([name, value]) => field(name, oneLine(value))),
    ...typeFields,
    "",
    part("text/plain", text),
    part("text/html", html),
    `--${boundary}--${lineEnd}`,
  ];
  return Buffer.from(lines.join(lineEnd));
}

function field(name: string, value: MimeNodeHeaderValue): string {
  const line = `${name}: ${value}`;
  if (typeof value === "string" && plain.test(value) && line.length < maxLineCharacters) return line;
  return foldLines(`${name}: ${MimeNode.encodeHeaderValue(name, value)}`);
}

function part(type: string, content: string): string {
  const fields = [`Content-Type: ${type}; charset=utf-8`, "Content-Transfer-Encoding: base64"];
  const lines = Buffer.from(content.replace(/\r\n|\r|\n/g, lineEnd));
  return [`--${boundary}`, ...fields, "", wrap(encode(lines), maxLineCharacters)].join(lineEnd);
}
