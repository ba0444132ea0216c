import type { Caller } from "../auth/caller.ts";

/** What every call brings with it; ids are for logs and answers, `caller` is verified. */
export type CallScope = { caller: Caller; traceId: string; correlationId: string; requestId: string };

/** The least a service's tRPC context holds; each service adds what its handlers use. */
export type ServiceContext = CallScope;
