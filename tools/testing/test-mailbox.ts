import type { Socket } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";

/** `null` is yes. */
type Verdict = { code: number; message: string } | null;

export type TestMailbox = {
  url: string;
  /** What was taken, oldest first. */
  mails: Email[];
  /** Answers the next recipients, or with `at: "data"` the next mails, with this reply, until told otherwise. */
  answer(verdict: Verdict, options?: { at?: "recipient" | "data" }): void;
  /** Answers this recipient alone, until told otherwise. */
  answerTo(email: string, verdict: Verdict): void;
  /** How often somebody has connected. */
  connections(): number;
  /** Ends the connections that are open. */
  hangUp(): void;
  /** Takes the next mail to this recipient and breaks the connection before it says so. */
  breakAfter(email: string): void;
  close(): Promise<void>;
};

type Options = {
  /** A free one when absent. */
  port?: number;
  /** Who may send; anyone when absent. */
  login?: { user: string; password: string };
};

/** A real SMTP server. */
export async function createTestMailbox({ port = 0, login }: Options = {}): Promise<TestMailbox> {
  const mails: Email[] = [];
  const verdicts: { recipient: Verdict; data: Verdict } = { recipient: null, data: null };
  const verdictsTo = new Map<string, Verdict>();
  const breaking = new Set<string>();
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = new SMTPServer({
    authOptional: login === undefined,
    disabledCommands: login ? ["STARTTLS"] : ["STARTTLS", "AUTH"],
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, callback) {
      if (username === login?.user && password === login?.password) callback(null, { user: username });
      else callback(Object.assign(new Error("wrong password"), { responseCode: 535 }));
    },
    onRcptTo: ({ address }, _session, callback) => callback(asError(verdictsTo.get(address) ?? verdicts.recipient)),
    onData(stream, session, callback) {
      const take = (mail: Email) => {
        if (!verdicts.data) mails.push(mail);
        const isBroken = session.envelope.rcptTo.some(({ address }) => breaking.delete(address));
        if (isBroken) for (const socket of sockets) if (socket.remotePort === session.remotePort) socket.destroy();
        callback(asError(verdicts.data));
      };
      // A sender that dies halfway leaves half a mail, which nobody gets.
      readMail(stream).then(take, callback);
    },
  });
  server.on("error", () => {});
  server.server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  const address = server.server.address();
  const actual = typeof address === "object" && address ? address.port : port;
  return {
    url: `smtp://127.0.0.1:${actual}`,
    mails,
    answer(verdict, { at = "recipient" } = {}) {
      verdicts[at] = verdict;
    },
    answerTo: (email, verdict) => void verdictsTo.set(email, verdict),
    connections: () => connections,
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
    breakAfter: (email) => void breaking.add(email),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function readMail(stream: AsyncIterable<Uint8Array>): Promise<Email> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return PostalMime.parse(Buffer.concat(chunks));
}

function asError(verdict: Verdict): Error | null {
  return verdict && Object.assign(new Error(verdict.message), { responseCode: verdict.code });
}
