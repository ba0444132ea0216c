import { TRPCError } from "@trpc/server";
import type { Usage } from "./rate-limits.ts";

/** More came than a limit allows. Answered 429 with Retry-After. */
export class TooMany extends TRPCError {
  readonly retryAfterS: number;

  constructor({ policy, limit, resetS }: Usage) {
    const what = policy === "address" ? "requests from one address" : "calls of one caller";
    super({ code: "TOO_MANY_REQUESTS", message: `There may be ${limit} ${what} in a minute` });
    this.retryAfterS = Math.max(1, resetS);
  }
}
