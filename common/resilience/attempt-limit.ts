import { TRPCError } from "@trpc/server";

/** How long one attempt may take. */
export type AttemptLimit = { signal: AbortSignal; forMs: number; isOver(): boolean; release(): void };

type Limited = { deadlineAt: number; isSafe: boolean; signal?: AbortSignal | undefined };

/** The caller's own signal, which bounds the body too: nothing to add. */
export function callersLimit(signal: AbortSignal, deadlineAt: number): AttemptLimit {
  const isOver = () => signal.aborted && isTimeout(signal.reason);
  return { signal, forMs: deadlineAt - performance.now(), isOver, release };
}

/** One timer and one controller. What may be asked twice, elsewhere, gets half of the time that is left. */
export function ownLimit(call: Limited, instances: number): AttemptLimit {
  const leftMs = call.deadlineAt - performance.now();
  const forMs = call.isSafe && instances > 1 ? leftMs / 2 : leftMs;
  const controller = new AbortController();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    controller.abort();
  }, forMs);
  const leave = () => controller.abort();
  if (call.signal?.aborted) leave();
  call.signal?.addEventListener("abort", leave, { once: true });
  return {
    signal: controller.signal,
    forMs,
    isOver: () => isOver,
    release() {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", leave);
    },
  };
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof TRPCError && reason.code === "GATEWAY_TIMEOUT";
}

function release(): void {}
