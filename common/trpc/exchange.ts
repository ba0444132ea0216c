import type { AnyTRPCRouter, TRPC_ERROR_CODE_KEY, TRPCError, TRPCProcedureType } from "@trpc/server";
import type { Bounds } from "./bounds.ts";

/** A call that failed, for the log. */
export type CallFailure = {
  error: TRPCError;
  path: string | undefined;
  type: TRPCProcedureType | "unknown";
  req: Request;
};

/** A finished call, for metrics. `path` is that of a procedure that exists, so it is safe as a label. */
export type CallOutcome = {
  path: string;
  type: TRPCProcedureType;
  code: TRPC_ERROR_CODE_KEY | "OK";
  durationMs: number;
};

/** What a context is made from; headers set on `resHeaders` go out with the answer. */
export type ContextSource<Scope> = { req: Request; resHeaders: Headers; scope: Scope };

/** All that answering one request needs. */
export type Exchange<Scope> = {
  router: AnyTRPCRouter;
  endpoint: string;
  request: Request;
  scope: Scope;
  bounds: Bounds;
  createContext: (source: ContextSource<Scope>) => unknown;
  onError: (failure: CallFailure) => void;
  onCall: (outcome: CallOutcome) => void;
  /** Ends subscriptions, which would otherwise keep a stopping process waiting. */
  stopping: AbortSignal | undefined;
};
