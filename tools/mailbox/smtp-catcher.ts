import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { CaughtMail, MailStore } from "./mail-store.ts";
import { readHeaders } from "./read-mail.ts";

const maxMailBytes = 5_242_880;

/** An SMTP server that takes every mail and sends none on. */
export async function openSmtpCatcher(
  store: MailStore,
  port: number,
  host = "127.0.0.1",
): Promise<{ port: number; close(): Promise<void> }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    size: maxMailBytes,
    logger: false,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? "anyone" }),
    onRcptTo: (_address, _session, done) => {
      const refusal = store.refusal();
      done(refusal && Object.assign(new Error(refusal.message), { responseCode: refusal.code }));
    },
    onData: (stream, session, done) => {
      receive(stream, session).then(
        (mail) => {
          store.add(mail);
          done();
        },
        (error: Error) => done(error),
      );
    },
  });
  server.on("error", (error) => console.error(`SMTP: ${error.message}`));
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.server.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function receive(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<CaughtMail> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  if (stream.sizeExceeded) {
    throw Object.assign(new Error(`A mail may have ${maxMailBytes} bytes`), { responseCode: 552 });
  }
  const raw = Buffer.concat(chunks);
  const { mailFrom, rcptTo } = session.envelope;
  return {
    id: Bun.randomUUIDv7(),
    from: mailFrom ? mailFrom.address : "",
    to: rcptTo.map((recipient) => recipient.address.toLowerCase()),
    subject: "",
    text: "",
    html: "",
    headers: readHeaders(raw),
    receivedAt: new Date().toISOString(),
    raw,
  };
}
