import { type AnyTRPCRouter, getTRPCErrorFromUnknown, TRPCError } from "@trpc/server";
import { isAsyncIterable, isObject, isPromise } from "@trpc/server/unstable-core-do-not-import";
import { errorShapeOf } from "./error-response.ts";
import type { CallFailure, CallOutcome } from "./exchange.ts";
import type { ParsedCall } from "./parse-call.ts";
import type { ReadInput } from "./read-inputs.ts";
import { translateError } from "./translate-error.ts";

export type Answer = { result: { data: unknown } } | { error: ReturnType<typeof errorShapeOf> };

/** A request whose body is read and whose context is made, or could not be. */
export type OpenCall = {
  call: ParsedCall;
  router: AnyTRPCRouter;
  request: Request;
  context: { value: unknown } | { error: TRPCError };
  readInput: ReadInput;
  onError: (failure: CallFailure) => void;
  onCall: (outcome: CallOutcome) => void;
  /** By index of the call; empty when all went well. */
  errors: (TRPCError | undefined)[];
};

/** Runs one of the calls. Never rejects: a failure is an answer too. */
export async function answerCall(open: OpenCall, path: string, index: number): Promise<Answer> {
  const { call, router, request, context, onCall } = open;
  const { type } = call;
  const startedAt = performance.now();
  try {
    const data = await runProcedure(open, path, index);
    onCall({ path, type, code: "OK", durationMs: performance.now() - startedAt });
    return { result: { data } };
  } catch (cause) {
    const error = getTRPCErrorFromUnknown(cause);
    open.errors[index] = error;
    onCall({ path, type, code: translateError(error, true).code, durationMs: performance.now() - startedAt });
    open.onError({ error, path, type, req: request });
    return { error: errorShapeOf(router, { error, path, type, ctx: "value" in context ? context.value : undefined }) };
  }
}

async function runProcedure(
  { call, request, context, readInput }: OpenCall,
  path: string,
  index: number,
): Promise<unknown> {
  if ("error" in context) throw context.error;
  const data: unknown = await call.procedures[index]?.({
    path,
    getRawInput: async () => readInput(index),
    ctx: context.value,
    type: call.type,
    signal: request.signal,
    batchIndex: index,
  });
  if (!isStream(data)) return data;
  throw new TRPCError({
    code: "UNSUPPORTED_MEDIA_TYPE",
    message: "Cannot use stream-like response in non-streaming request - use httpBatchStreamLink",
  });
}

function isStream(data: unknown): boolean {
  if (!isObject(data)) return false;
  return isAsyncIterable(data) || Object.values(data).some((value) => isPromise(value) || isAsyncIterable(value));
}
