import type { RequestScope } from "@orderflow/common/http/request-scope";
import type { Logger } from "@orderflow/common/observability/logger";
import type { SubscriptionSeats } from "@orderflow/common/trpc/subscription-seats";
import type { Calls } from "../../domain/read-calls.ts";
import type { ProcedureCatalog } from "../../providers/procedure-catalog.ts";
import type { Upstream } from "../../providers/upstream.ts";
import type { StillGood } from "../authentication/recheck-caller.ts";

export type Forwarding = {
  catalog: Pick<ProcedureCatalog, "isGathered">;
  upstreams: ReadonlyMap<string, Upstream>;
  /** For one call to one service; a subscription has it only until its first byte. */
  deadlineMs: number;
  /** Ends subscriptions, so that their clients go to another gateway while this one drains. */
  stopping: AbortSignal;
  /** One for each stream that is passed on. */
  streamSeats: SubscriptionSeats;
  /** How often it is looked whether the caller of an open stream may still have it. */
  recheckMs: number;
  logger: Logger;
};

/** A request that may pass: its calls are named, its caller is known. */
export type Incoming = {
  request: Request;
  calls: Calls;
  /** For the service, with the caller's token. */
  headers: Record<string, string>;
  scope: RequestScope;
  /** For a stream that begins: what tells whether its caller may still have it. */
  followCaller: () => StillGood;
};

/** Whether the client wants each answer as soon as it is there: httpBatchStreamLink. */
export function isJsonl(request: Request): boolean {
  return request.headers.get("trpc-accept") === "application/jsonl";
}
