import { withSpan } from "@orderflow/common/observability/tracing";
import addressparser from "nodemailer/lib/addressparser";
import type { AttemptOutcome } from "../domain/delivery.ts";
import { oneLine } from "../domain/mail-view.ts";
import type { Mailer } from "./mailer.ts";
import { mimeMessage } from "./mime-message.ts";
import type { SmtpError } from "./smtp-connection.ts";
import { createSmtpPool } from "./smtp-pool.ts";

type Options = { url: string; from: string; timeoutMs: number; connections: number };

/** Keeps connections open between mails. */
export function createSmtpMailer({ url, from, timeoutMs, connections }: Options): Mailer {
  const pool = createSmtpPool({ url, timeoutMs, connections });
  const [sender] = addressparser(from, { flatten: true });
  const { name = "", address = "" } = sender ?? {};
  const domain = /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? "orderflow.invalid";
  const { hostname, port } = new URL(url);
  const server = { "network.protocol.name": "smtp", "server.address": hostname, "server.port": Number(port) || 25 };
  return {
    async send(mail) {
      const { id, to } = mail;
      const attributes = { ...server, "orderflow.delivery": id };
      const envelope = { from: { name, email: address }, messageId: `<${id}@${domain}>`, date: new Date() };
      try {
        const message = mimeMessage({ ...mail, ...envelope });
        await withSpan("smtp send", { kind: "client", attributes }, () =>
          pool.send({ from: address, to: to.email, message }),
        );
        return { kind: "accepted" };
      } catch (error) {
        return outcomeOf(error);
      }
    },
    close: () => pool.close(),
  };
}

/** RFC 5321: a 5yz reply about the recipient or the message will not change. One about us (sender, login) may. */
export function outcomeOf(error: unknown): AttemptOutcome {
  const { message, code, command, responseCode } = error as Partial<SmtpError>;
  const reason = oneLine(message ?? String(error));
  const isAboutTheMail = command === "RCPT TO" || command === "DATA";
  const isUnaddressable = code === "EENVELOPE" && responseCode === undefined;
  const isPermanent = responseCode !== undefined && responseCode >= 500 && responseCode !== 503;
  return { kind: isUnaddressable || (isAboutTheMail && isPermanent) ? "refused" : "failed", reason };
}
