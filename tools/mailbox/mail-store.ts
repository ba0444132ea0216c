export type Mail = {
  id: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  receivedAt: string;
};

export type MailFilter = { to?: string | undefined; limit?: number | undefined };

export const maxMails = 10_000;

/** The newest mails, in memory. Past `capacity` the oldest goes. */
export function createMailStore(capacity = maxMails) {
  let mails: Mail[] = [];
  return {
    add(mail: Mail): void {
      mails.push(mail);
      // Cut in strides: a shift per mail would copy the whole list each time.
      if (mails.length > capacity * 1.1) mails = mails.slice(-capacity);
    },
    /** Newest first; `to` matches a whole address, upper and lower case alike. */
    list({ to, limit = maxMails }: MailFilter = {}): Mail[] {
      const address = to?.toLowerCase();
      const kept = mails.slice(-capacity).reverse();
      const matching = address ? kept.filter((mail) => mail.to.includes(address)) : kept;
      return matching.slice(0, limit);
    },
    byId(id: string): Mail | undefined {
      return mails.find((mail) => mail.id === id);
    },
    clear(): void {
      mails = [];
    },
  };
}

export type MailStore = ReturnType<typeof createMailStore>;
