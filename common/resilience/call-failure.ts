/** Why no answer came. `refused`: certainly never sent; the others may have had their effect. */
export type FailureCause = "refused" | "broken" | "late" | "bad_gateway";

/** No answer came from an instance. An answer, whatever it says, is none of these. */
export class CallFailure extends Error {
  override readonly name = "CallFailure";
  readonly failure: FailureCause;

  constructor(failure: FailureCause, cause?: unknown) {
    super(`no answer: ${failure}`, { cause });
    this.failure = failure;
  }
}

const neverSent = new Set([
  "ECONNREFUSED",
  "ConnectionRefused",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
]);

/** How a `fetch` failed that nobody aborted. */
export function failureCause(error: unknown): FailureCause {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return neverSent.has(code) ? "refused" : "broken";
}
