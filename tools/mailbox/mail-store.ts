export type Mail = {
  id: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  receivedAt: string;
  /** How often it came. A sender that died before it noted our answer sends the same Message-ID again. */
  copies: number;
  /** As it came, until somebody looks at it: subject and body are still empty. */
  raw?: Buffer | undefined;
};

export type CaughtMail = Omit<Mail, "copies">;

export type MailMark = Pick<Mail, "headers" | "to" | "copies">;

/** What recipients are answered with instead of 250: the code of RFC 5321, 4yz or 5yz. */
export type Reply = { code: number; message: string };

export type MailFilter = { to?: string | undefined; limit?: number | undefined };

export const maxMails = 10_000;

/**
 * The newest mails, in memory. Past 10,000 an older one keeps its headers alone, past `capacity` the oldest goes. A
 * mail that comes again, by its Message-ID and recipients, is counted and shown once, as mail servers with duplicate
 * suppression do.
 */
export function createMailStore(capacity = maxMails) {
  let mails: Mail[] = [];
  let byMessageId = new Map<string, Mail>();
  let reply: Reply | undefined;
  return {
    /** For tests of what a sender does with a server that takes nothing; undefined takes everything again. */
    refuseWith(next: Reply | undefined): void {
      reply = next;
    },
    refusal: (): Reply | undefined => reply,
    add(caught: CaughtMail): void {
      const key = identity(caught);
      const known = key && byMessageId.get(key);
      if (known) {
        known.copies++;
        return;
      }
      const mail = { ...caught, copies: 1 };
      mails.push(mail);
      if (key) byMessageId.set(key, mail);
      // Cut in strides: a shift per mail would copy the whole list each time.
      if (mails.length % stride === 0) shortenOld(mails);
      if (mails.length <= capacity * 1.1) return;
      mails = mails.slice(-capacity);
      byMessageId = new Map(mails.map((kept) => [identity(kept), kept]));
    },
    /** Newest first; `to` matches a whole address, upper and lower case alike. */
    list({ to, limit = maxMails }: MailFilter = {}): Mail[] {
      const address = to?.toLowerCase();
      const kept = mails.slice(-capacity).reverse();
      const matching = address ? kept.filter((mail) => mail.to.includes(address)) : kept;
      return matching.slice(0, limit);
    },
    /** Of each mail, or each about one order, what tells it from others; oldest first, and small enough for all of them. */
    tally(order: string | null = null): MailMark[] {
      const about = order ? mails.filter(({ headers }) => headers["x-orderflow-order"] === order) : mails;
      return about.map(({ headers, to, copies }) => ({ headers, to, copies }));
    },
    byId(id: string): Mail | undefined {
      return mails.find((mail) => mail.id === id);
    },
    clear(): void {
      mails = [];
      byMessageId.clear();
    },
  };
}

const stride = 1_000;

/** Those that just left the newest ones; what left before is short already. */
function shortenOld(mails: Mail[]): void {
  for (const mail of mails.slice(-maxMails - stride, -maxMails))
    Object.assign(mail, { text: "", html: "", raw: undefined });
}

/** Empty for a mail without a Message-ID, which cannot be told from another. */
function identity({ headers, to }: Pick<Mail, "headers" | "to">): string {
  const messageId = headers["message-id"];
  return messageId ? `${messageId} ${[...to].sort().join(",")}` : "";
}

export type MailStore = ReturnType<typeof createMailStore>;
