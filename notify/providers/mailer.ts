import type { AttemptOutcome } from "../domain/delivery.ts";

export type Mail = {
  /** Equal for every attempt, so that a mailbox can tell a doubled mail. Without angle brackets or domain. */
  id: string;
  to: { name: string; email: string };
  subject: string;
  html: string;
  text: string;
  headers: Record<string, string>;
};

/** Whoever takes letters. Never throws. */
export type Mailer = { send(mail: Mail): Promise<AttemptOutcome>; close(): void };
