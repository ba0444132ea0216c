import type { Mailer } from "./mailer.ts";

type Options = {
  /** Of mails that fail before they are sent, 0 to 1, for demonstrations. */
  failureRatio: () => number;
  random?: () => number;
};

/** A mailer that fails now and then as if the mail server were away, so that what follows from it can be shown. */
export function faultyMailer(mailer: Mailer, { failureRatio, random = Math.random }: Options): Mailer {
  return {
    async send(mail) {
      if (random() < failureRatio()) return { kind: "failed", reason: "The mail server is made to fail" };
      return await mailer.send(mail);
    },
    close: () => mailer.close(),
  };
}
