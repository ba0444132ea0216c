import type { TcpProxy } from "../tcp-proxy.ts";

/** Between a mailer and its server: each recipient is answered with this instead of asking the server. */
export function answerRecipients(smtp: TcpProxy, reply: string): void {
  smtp.intercept(({ client }, sent) => {
    if (!/^RCPT TO:/i.test(sent.toString("latin1"))) return false;
    client.write(`${reply}\r\n`);
    return true;
  });
}
