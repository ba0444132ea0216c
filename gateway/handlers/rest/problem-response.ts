import { type Problem, problemContentType, problemTitle, problemType } from "@orderflow/common/openapi/problem";

export type ProblemDetails = {
  status: number;
  /** Undefined for a fault of ours. */
  reason: string | undefined;
  detail: string;
  /** The path that was asked for. */
  instance: string;
  traceId: string | undefined;
  fields?: Record<string, string[]> | undefined;
};

const maxInstanceLength = 256;

/** RFC 9457. */
export function problemResponse(details: ProblemDetails, headers: Headers = new Headers()): Response {
  const { status, reason, detail, instance, traceId, fields } = details;
  const problem: Problem = {
    type: problemType(reason),
    title: reason === undefined ? "Internal server error" : problemTitle(reason),
    status,
    detail,
    instance: instance.slice(0, maxInstanceLength),
    ...(reason !== undefined && { reason }),
    ...(fields && { fields }),
    ...(traceId && { traceId }),
  };
  headers.set("content-type", problemContentType);
  if (status === 401) headers.set("www-authenticate", 'Bearer realm="orderflow"');
  return new Response(JSON.stringify(problem), { status, headers });
}

/** A request that no procedure is asked about. */
export class RestRefusal extends Error {
  readonly status: number;
  readonly reason: string;
  readonly fields: Record<string, string[]> | undefined;
  readonly headers: Record<string, string>;

  constructor(details: {
    status: number;
    reason: string;
    message: string;
    fields?: Record<string, string[]>;
    headers?: Record<string, string>;
  }) {
    super(details.message);
    this.status = details.status;
    this.reason = details.reason;
    this.fields = details.fields;
    this.headers = details.headers ?? {};
  }
}
