import { TRPCError } from "@trpc/server";

export type CallLimit = {
  /** Aborts when the client leaves or the deadline passes. */
  signal: AbortSignal;
  /** Ends the deadline. The client may still leave. */
  lift(): void;
  abort(): void;
  /** Ends the call for a reason of ours, which its client is told. */
  refuse(reason: Error): void;
};

/** One controller and one timer: `AbortSignal.any` and `AbortSignal.timeout` cost several times that. */
export function limitCall(client: AbortSignal, deadlineMs: number): CallLimit {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new TRPCError({ code: "GATEWAY_TIMEOUT", message: `No answer within ${deadlineMs} ms` }));
  }, deadlineMs);
  const refuse = (reason: Error) => {
    clearTimeout(timer);
    controller.abort(reason);
  };
  const leave = () =>
    refuse(new TRPCError({ code: "CLIENT_CLOSED_REQUEST", message: "The client closed the request" }));
  if (client.aborted) leave();
  else client.addEventListener("abort", leave, { once: true });
  return { signal: controller.signal, lift: () => clearTimeout(timer), abort: leave, refuse };
}
