import { TRPCClientError } from "@trpc/client";
import type { CallLog } from "./call-log.ts";

export type Answer<T> =
  | { kind: "accepted"; value: T; tries: number; elapsedMs: number }
  | { kind: "refused"; reason: string; tries: number; elapsedMs: number }
  | { kind: "unanswered"; problem: string; tries: number; elapsedMs: number };

const firstDelayMs = 100;
const maxDelayMs = 1_000;

type Patience = { name: string; maxTries: number; log: CallLog };

/** As a client in the field does: asks again, with the same key, whatever may still come right. */
export async function patientCall<T>(call: () => Promise<T>, { name, maxTries, log }: Patience): Promise<Answer<T>> {
  const startedAt = performance.now();
  for (let tries = 1; ; tries++) {
    const triedAt = performance.now();
    const outcome = await attempt(call);
    const now = performance.now();
    log.tried({ name, isAnswer: outcome.kind !== "unanswered", isFirst: tries === 1, elapsedMs: now - triedAt });
    const elapsedMs = now - startedAt;
    if (outcome.kind !== "unanswered") log.answered({ name, elapsedMs });
    if (outcome.kind !== "unanswered" || tries === maxTries) return { ...outcome, tries, elapsedMs };
    await Bun.sleep(Math.min(maxDelayMs, firstDelayMs * tries));
  }
}

type Outcome<T> =
  | { kind: "accepted"; value: T }
  | { kind: "refused"; reason: string }
  | { kind: "unanswered"; problem: string };

async function attempt<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: "accepted", value: await call() };
  } catch (error) {
    if (!(error instanceof TRPCClientError)) return { kind: "unanswered", problem: String(error) };
    const data = error.data as { reason?: string; httpStatus?: number } | undefined;
    const { reason, httpStatus = 0 } = data ?? {};
    const isRefusal = httpStatus >= 400 && httpStatus < 500 && httpStatus !== 429 && httpStatus !== 408;
    if (isRefusal) return { kind: "refused", reason: reason ?? error.message };
    return { kind: "unanswered", problem: `${httpStatus} ${reason ?? error.message}` };
  }
}
