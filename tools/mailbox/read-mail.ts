import PostalMime from "postal-mime";
import type { Mail } from "./mail-store.ts";

/** What a mail says. It is taken apart when somebody looks at it, since most are only counted. */
export async function readMail(mail: Mail): Promise<Mail> {
  const { raw } = mail;
  if (!raw) return mail;
  const { from, subject = "", text = "", html = "", headers } = await PostalMime.parse(raw);
  const named = Object.fromEntries(headers.map((header) => [header.key, header.value]));
  return Object.assign(mail, {
    from: from?.address ?? mail.from,
    subject,
    text,
    html,
    headers: named,
    raw: undefined,
  });
}

/** By their names in lower case, still encoded as they came. */
export function readHeaders(raw: Buffer): Record<string, string> {
  const end = raw.indexOf("\r\n\r\n");
  const block = raw.toString("utf8", 0, end === -1 ? raw.length : end);
  const headers: Record<string, string> = {};
  for (const line of block.replace(/\r\n[ \t]+/g, " ").split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}
