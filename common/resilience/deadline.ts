import { type Context, context, createContextKey } from "@opentelemetry/api";
import { TRPCError } from "@trpc/server";
import { ensureContextManager } from "../observability/trace-scope.ts";

/** Milliseconds the caller still waits. A duration rather than an instant, since clocks differ. */
export const deadlineHeader = "x-orderflow-deadline";

const deadlineKey = createContextKey("orderflow deadline");
const wholeMs = /^\d{1,7}$/;

/** When the work this is called in must be done, on the clock of `performance.now()`; infinite when nobody waits. */
export function currentDeadline(): number {
  return (context.active().getValue(deadlineKey) as number | undefined) ?? Number.POSITIVE_INFINITY;
}

/** `parent` with this deadline, unless it has a sooner one. */
export function contextWithDeadline(parent: Context, deadlineAt: number): Context {
  const before = (parent.getValue(deadlineKey) as number | undefined) ?? Number.POSITIVE_INFINITY;
  return deadlineAt >= before ? parent : parent.setValue(deadlineKey, deadlineAt);
}

/** Everything that `work` starts has this deadline, or the one it is in if that is sooner. */
export function underDeadline<T>(deadlineAt: number, work: () => T): T {
  ensureContextManager();
  return context.with(contextWithDeadline(context.active(), deadlineAt), work);
}

/** Work for many, such as a batch, is not bound by the deadline of whoever came first. */
export function underOwnDeadline<T>(deadlineAt: number, work: () => T): T {
  ensureContextManager();
  return context.with(context.active().setValue(deadlineKey, deadlineAt), work);
}

/** The deadline a caller sent along; infinite when it sent none, or nonsense, or for the head of an endless stream alone. */
export function readDeadline(headers: Headers): number {
  const given = headers.get(deadlineHeader);
  if (given === null || !wholeMs.test(given) || headers.get("accept")?.startsWith("text/event-stream"))
    return Number.POSITIVE_INFINITY;
  return performance.now() + Number(given);
}

/** Undefined when nobody waits. */
export function deadlineHeaders(deadlineAt: number): Record<string, string> {
  if (deadlineAt === Number.POSITIVE_INFINITY) return {};
  return { [deadlineHeader]: String(Math.max(0, Math.floor(deadlineAt - performance.now()))) };
}

/** @throws TRPCError when whoever asked has stopped waiting: the work would be for nobody. */
export function requireTime(): void {
  if (currentDeadline() <= performance.now()) throw pastDeadline();
}

export function pastDeadline(): TRPCError {
  return new TRPCError({ code: "GATEWAY_TIMEOUT", message: "The time for this call is over" });
}
