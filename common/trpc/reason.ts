import type { RefusalReason, Unavailable } from "../errors.ts";

/** Every `data.reason` that a call may fail with: the rules' own, and those of the way to them. */
export type Reason =
  | RefusalReason
  | Unavailable["reason"]
  | "deadline_exceeded"
  | "forbidden"
  | "invalid_input"
  | "method_not_supported"
  | "missing_scope"
  | "payload_too_large"
  | "rate_limited"
  | "unauthenticated"
  | "unknown_procedure"
  | "unsupported_media_type";
