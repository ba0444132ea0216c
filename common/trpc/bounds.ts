import { TRPCError } from "@trpc/server";
import { cutCallUrl } from "./call-url.ts";

export type Bounds = {
  /** Calls in one request. */
  maxBatchSize: number;
  maxBodyBytes: number;
  /** Characters. */
  maxUrlLength: number;
};

export const defaultBounds: Bounds = { maxBatchSize: 50, maxBodyBytes: 1_048_576, maxUrlLength: 12_288 };

/** The refusal that a URL too long, or a batch too large, is answered with before anything of it is read. */
export function refuseBeyondBounds(url: string, endpoint: string, bounds: Bounds): TRPCError | undefined {
  if (url.length > bounds.maxUrlLength) {
    return new TRPCError({
      code: "PAYLOAD_TOO_LARGE",
      message: `The URL is longer than ${bounds.maxUrlLength} characters`,
    });
  }
  const names = cutCallUrl(url, endpoint)?.names ?? "";
  if (!names.includes(",") && !names.includes("%")) return undefined;
  if (names.replaceAll(/%2c/gi, ",").split(",").length <= bounds.maxBatchSize) return undefined;
  return new TRPCError({ code: "BAD_REQUEST", message: `A batch holds at most ${bounds.maxBatchSize} calls` });
}
