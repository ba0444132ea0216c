/** Every reason a rule can say no with, and the tRPC code it is answered as. A reason is stable: clients branch on it. */
export const refusalCodes = {
  out_of_stock: "CONFLICT",
  unknown_sku: "NOT_FOUND",
  mixed_currencies: "UNPROCESSABLE_CONTENT",
  total_too_large: "UNPROCESSABLE_CONTENT",
  idempotency_key_reused: "CONFLICT",
  order_not_found: "NOT_FOUND",
  order_already_shipped: "CONFLICT",
  order_rejected: "CONFLICT",
  order_not_confirmed: "CONFLICT",
  order_still_pending: "CONFLICT",
  feed_expired: "PRECONDITION_FAILED",
  too_many_subscriptions: "TOO_MANY_REQUESTS",
  insufficient_stock: "CONFLICT",
  stock_limit_exceeded: "CONFLICT",
  sku_taken: "CONFLICT",
  shipment_not_found: "NOT_FOUND",
  job_not_found: "NOT_FOUND",
  delivery_not_found: "NOT_FOUND",
  dead_letter_not_found: "NOT_FOUND",
  session_not_found: "NOT_FOUND",
  api_key_not_found: "NOT_FOUND",
  api_key_limit_reached: "CONFLICT",
  account_elsewhere: "FORBIDDEN",
  settings_changed: "CONFLICT",
  settings_version_not_found: "NOT_FOUND",
  demonstration_only: "FORBIDDEN",
} as const;

export type RefusalReason = keyof typeof refusalCodes;

export function isRefusalReason(reason: string | undefined): reason is RefusalReason {
  return reason !== undefined && Object.hasOwn(refusalCodes, reason);
}

/** The rule says no. Shown to the caller as it is, so the message names nothing private. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** More work waits than its bound allows, or a neighbour is away. Answered 503 with Retry-After. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  readonly reason: "overloaded" | "dependency_unavailable";
  readonly retryAfterS: number;

  constructor(
    reason: "overloaded" | "dependency_unavailable",
    message: string,
    options: { retryAfterS: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.retryAfterS = options.retryAfterS;
  }
}
