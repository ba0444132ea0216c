import type { z } from "zod";
import type { RefusalReason } from "../errors.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** How a procedure is reached by REST. One without it has no REST, and is in no document. */
export type RestMeta = {
  method: Method;
  /**
   * Below `/api/v1`, such as `/orders/{orderId}`: a name in braces is a field of the input. `:service` stands for the
   * name of the service, for procedures that several of them have.
   */
  path: `/${string}`;
  /** A few words, for lists. */
  summary: string;
  description?: string;
  /** It makes something new: answered 201, with this place of it (below `/api/v1`, braces name fields of the answer). */
  created?: `/${string}`;
  /** The reasons its rules may say no with. */
  refusals?: readonly RefusalReason[];
  example?: { input?: Record<string, unknown>; output?: unknown };
  /** What each event of a subscription holds. */
  yields?: z.ZodType;
};

/** Who may call: the documents say so, the procedure's own middleware sees to it. */
export type Access = "anyone" | "customer" | "operator";

/** For `initTRPC.context<…>().meta<ProcedureMeta>()` in each service. */
export type ProcedureMeta = {
  openapi?: RestMeta;
  access?: Access;
  /** Its calls wait for each other anyway, as in a group commit: the gateway sends several of them in one request. */
  isGathered?: true;
};
