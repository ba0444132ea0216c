import { OrderflowError, toOrderflowError } from "./orderflow-error.ts";

type Options = {
  path: string;
  /** Whether a try that was carried out and not answered may be made again. */
  isSafe: boolean;
  /** For all tries together. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
};

/** For one try: longer than the gateway's own deadline of 10 s, so that it is heard when it says what it waits for. */
export const maxTryMs = 12_000;
const firstWaitMs = 100;
const maxWaitMs = 5_000;
const shortestUsefulMs = 10;

/**
 * Tries until there is an answer that trying again would not change, or the time is up. What the server refused before
 * it began (429) is always tried again; what broke off or met a service that was away (502, 503, 504) only when that is
 * safe. A wait is the server's Retry-After, or random below a bound that doubles, so that clients do not come back at once.
 */
export async function repeat<Answer>(
  attempt: (signal: AbortSignal) => Promise<Answer>,
  { path, isSafe, timeoutMs, signal }: Options,
): Promise<Answer> {
  const endsAt = performance.now() + timeoutMs;
  for (let tries = 1; ; tries++) {
    const leftMs = endsAt - performance.now();
    try {
      return await once(attempt, { path, timeoutMs: Math.min(leftMs, maxTryMs), signal });
    } catch (cause) {
      const error = toOrderflowError(cause, path);
      const waitMs = waitAfter(tries, error.retryAfterS);
      const isInTime = performance.now() + waitMs + shortestUsefulMs < endsAt;
      if (signal?.aborted || !isWorthTrying(error, isSafe) || !isInTime) throw error;
      await pause(waitMs, signal);
    }
  }
}

/** Transient: the same call may be answered later. */
export function isTransient({ httpStatus, reason }: OrderflowError): boolean {
  if (reason === "network_error" || reason === "timeout") return true;
  return httpStatus === 429 || httpStatus === 502 || httpStatus === 503 || httpStatus === 504;
}

function isWorthTrying(error: OrderflowError, isSafe: boolean): boolean {
  return isSafe ? isTransient(error) : error.httpStatus === 429 && error.retryAfterS !== undefined;
}

/** Milliseconds. `tries` counts from 1. */
export function waitAfter(tries: number, retryAfterS: number | undefined): number {
  const jitterMs = Math.random() * Math.min(maxWaitMs, firstWaitMs * 2 ** (tries - 1));
  return (retryAfterS ?? 0) * 1_000 + jitterMs;
}

/** Resolves early when the signal aborts. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}

type Try = { path: string; timeoutMs: number; signal: AbortSignal | undefined };

/** A try settles when its signal aborts, even though a batch goes on while any of its calls is waited for. */
export async function once<Answer>(
  attempt: (signal: AbortSignal) => Promise<Answer>,
  { path, timeoutMs, signal }: Try,
): Promise<Answer> {
  const controller = new AbortController();
  const { promise: ended, reject } = deferred();
  const end = (error: OrderflowError) => {
    reject(error);
    controller.abort(error);
  };
  const leave = () => end(aborted(path, signal?.reason));
  const timer = setTimeout(() => end(timedOut(path, timeoutMs)), Math.max(0, timeoutMs));
  signal?.addEventListener("abort", leave);
  try {
    if (signal?.aborted) throw aborted(path, signal.reason);
    return await Promise.race([attempt(controller.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", leave);
  }
}

function deferred(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  promise.catch(() => undefined);
  return { promise, reject };
}

function aborted(path: string, cause: unknown): OrderflowError {
  return new OrderflowError(`${path} was aborted`, { reason: "aborted", path, cause });
}

function timedOut(path: string, timeoutMs: number): OrderflowError {
  return new OrderflowError(`${path} was not answered within ${Math.round(timeoutMs)} ms`, { reason: "timeout", path });
}
