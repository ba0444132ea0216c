import { withSpan } from "@orderflow/common/observability/tracing";
import { createTransport } from "nodemailer";
import type { AttemptOutcome } from "../domain/delivery.ts";
import { oneLine } from "../domain/mail-view.ts";
import type { Mailer } from "./mailer.ts";

type Options = { url: string; from: string; timeoutMs: number; connections: number };

/** Keeps connections open between mails. */
export function createSmtpMailer({ url, from, timeoutMs, connections }: Options): Mailer {
  const transport = createTransport({
    pool: true,
    url,
    maxConnections: connections,
    // The job tries again, and counts it.
    maxRequeues: 0,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? "orderflow.invalid";
  const { hostname, port } = new URL(url);
  const server = { "network.protocol.name": "smtp", "server.address": hostname, "server.port": Number(port) || 25 };
  return {
    async send({ id, to, ...mail }) {
      try {
        await withSpan("smtp send", { kind: "client", attributes: { ...server, "orderflow.delivery": id } }, () =>
          transport.sendMail({
            ...mail,
            from,
            to: { name: oneLine(to.name), address: to.email },
            messageId: `<${id}@${domain}>`,
            signal: AbortSignal.timeout(timeoutMs),
          }),
        );
        return { kind: "accepted" };
      } catch (error) {
        return outcomeOf(error);
      }
    },
    close: () => transport.close(),
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

type SmtpError = { message: string; code: string; command: string; responseCode: number };
