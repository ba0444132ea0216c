import type { Caller } from "@orderflow/common/auth/caller";
import type { Trace } from "@orderflow/common/messaging/event";
import { currentTrace } from "@orderflow/common/observability/tracing";
import { z } from "zod";
import type { KeyedRequest } from "../repositories/idempotency-keys.ts";

/** In lower case, as the database gives it back. */
export const IdempotencyKey = z.uuid().toLowerCase();
export const OrderId = z.uuid().toLowerCase();

type Keyed = { idempotencyKey: string };

/** `input` is what zod made of the body: its fields in the schema's order, so that equal requests have equal hashes. */
export function keyedRequest(caller: Caller, procedure: string, { idempotencyKey, ...body }: Keyed): KeyedRequest {
  const hash = new Bun.CryptoHasher("sha256").update(JSON.stringify([procedure, body])).digest("base64url");
  return { callerId: caller.id, key: idempotencyKey, hash };
}

/** What the facts that follow from this call carry. */
export function callTrace(): Trace {
  const { traceparent, correlationId } = currentTrace();
  return { traceparent, correlationId };
}
