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
  close(): Promise<void>;
};

/** A real SMTP server on a free port, or on a given one. */
export async function createTestMailbox({ port = 0 }: { port?: number } = {}): Promise<TestMailbox> {
  const mails: Email[] = [];
  const verdicts: { recipient: Verdict; data: Verdict } = { recipient: null, data: null };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onRcptTo: (_address, _session, callback) => callback(asError(verdicts.recipient)),
    onData(stream, _session, callback) {
      const take = (mail: Email) => {
        if (!verdicts.data) mails.push(mail);
        callback(asError(verdicts.data));
      };
      // A sender that dies halfway leaves half a mail, which nobody gets.
      readMail(stream).then(take, callback);
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  const address = server.server.address();
  const actual = typeof address === "object" && address ? address.port : port;
  return {
    url: `smtp://127.0.0.1:${actual}`,
    mails,
    answer(verdict, { at = "recipient" } = {}) {
      verdicts[at] = verdict;
    },
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
