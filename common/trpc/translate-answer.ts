import { TRPCClientError } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { z } from "zod";
import { isRefusalReason, Refusal, Unavailable } from "../errors.ts";

const maxRetryAfterS = 60;
const unavailableStatuses = new Set([408, 429, 502, 503, 504]);

const AnswerData = z.object({
  code: z.string(),
  httpStatus: z.number(),
  reason: z.string().optional(),
  traceId: z.string().optional(),
});

/** A failed call to a neighbour in our own words: its refusal, its absence, or a fault that names the procedure. */
export function translateAnswer(error: unknown, procedure: string): unknown {
  if (!(error instanceof TRPCClientError)) return error;
  const answer = AnswerData.safeParse(error.data);
  if (!answer.success) return withoutAnswer(error, procedure);
  const { code, httpStatus, reason, traceId } = answer.data;
  if (isRefusalReason(reason)) return new Refusal(reason, error.message);
  if (unavailableStatuses.has(httpStatus)) return unavailable(procedure, error);
  return new Error(`${procedure} answered ${code} (trace ${traceId ?? "unknown"}): ${error.message}`, { cause: error });
}

/** Nobody answered, unless it is the caller who gave up. */
function withoutAnswer(error: TRPCClientError<AnyTRPCRouter>, procedure: string): unknown {
  const { cause } = error;
  if (cause instanceof Unavailable)
    return new Unavailable(cause.reason, messageOf(procedure), { retryAfterS: cause.retryAfterS, cause });
  return cause?.name === "AbortError" ? cause : unavailable(procedure, error);
}

function unavailable(procedure: string, error: TRPCClientError<AnyTRPCRouter>): Unavailable {
  const options = { retryAfterS: retryAfterOf(error), cause: error };
  return new Unavailable("dependency_unavailable", messageOf(procedure), options);
}

/** Goes to the client as it is: the procedure tells enough, and a cause may hold an address. */
function messageOf(procedure: string): string {
  return `${procedure} is not available at the moment`;
}

function retryAfterOf({ meta }: TRPCClientError<AnyTRPCRouter>): number {
  const asked = meta?.response instanceof Response ? Number(meta.response.headers.get("retry-after")) : 0;
  return asked >= 1 ? Math.min(asked, maxRetryAfterS) : 1;
}
