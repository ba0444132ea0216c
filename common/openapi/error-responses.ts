import { JSONRPC2_TO_HTTP_CODE } from "@trpc/server/unstable-core-do-not-import";
import { refusalCodes } from "../errors.ts";
import type { ApiResponse, JsonSchema } from "./document.ts";
import { type Problem, problemContentType, problemTitle, problemType } from "./problem.ts";
import type { ProcedureMeta } from "./procedure-meta.ts";

type Failure = { status: number; reason: string; detail: string; fields?: Record<string, string[]> };

const invalid: Failure = {
  status: 400,
  reason: "invalid_input",
  detail: "The input is not valid: limit",
  fields: { limit: ["Too big: expected number to be <=100"] },
};
const always: Failure[] = [
  { status: 429, reason: "rate_limited", detail: "Too many calls" },
  { status: 503, reason: "overloaded", detail: "Too many calls wait already" },
  { status: 503, reason: "dependency_unavailable", detail: "order is not reachable" },
];

export type Examples = Record<string, { value: unknown }>;

/** The problems that an operation may answer with, by status. Each reason's example is added to `examples`. */
export function errorResponses(
  meta: ProcedureMeta,
  { problem, examples }: { problem: JsonSchema; examples: Examples },
): Record<string, ApiResponse> {
  const failures = [invalid, ...accessFailures(meta.access), ...refusals(meta), ...always];
  for (const failure of failures) examples[failure.reason] = { value: exampleOf(failure) };
  const byStatus = Map.groupBy(failures, ({ status }) => status);
  const responses = [...byStatus].map(([status, some]) => [String(status), response(some, problem)]);
  return { ...Object.fromEntries(responses), default: response([], problem) };
}

function accessFailures(access: ProcedureMeta["access"] = "anyone"): Failure[] {
  if (access === "anyone") return [];
  return [
    { status: 401, reason: "unauthenticated", detail: "Sign in first" },
    { status: 403, reason: "forbidden", detail: "This needs the role operator" },
  ];
}

function refusals({ openapi }: ProcedureMeta): Failure[] {
  return (openapi?.refusals ?? []).map((reason) => ({
    status: JSONRPC2_TO_HTTP_CODE[refusalCodes[reason]],
    reason,
    detail: problemTitle(reason),
  }));
}

function exampleOf({ status, reason, detail, fields }: Failure): Problem {
  return {
    type: problemType(reason),
    title: problemTitle(reason),
    status,
    detail,
    instance: "/api/v1/…",
    reason,
    ...(fields && { fields }),
    traceId: "0af7651916cd43dd8448eb211c80319c",
  };
}

function response(failures: Failure[], schema: JsonSchema): ApiResponse {
  const examples = failures.map(({ reason }) => [reason, { $ref: `#/components/examples/${reason}` }]);
  const waits = failures.some(({ status }) => status === 429 || status === 503);
  const reasons = failures.map(({ reason }) => `\`${reason}\``).join(", ");
  return {
    description: reasons === "" ? "Any other problem" : reasons,
    ...(waits && {
      headers: { "Retry-After": { description: "Seconds to wait before asking again", schema: { type: "integer" } } },
    }),
    content: {
      [problemContentType]: { schema, ...(examples.length > 0 && { examples: Object.fromEntries(examples) }) },
    },
  };
}
