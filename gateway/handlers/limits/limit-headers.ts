import { type Usage, windowS } from "./rate-limits.ts";

/** `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), an item for each limit that was counted. */
export function setLimitHeaders(headers: Headers, usages: readonly Usage[]): void {
  if (usages.length === 0) return;
  headers.set("ratelimit-policy", usages.map(({ policy, limit }) => `"${policy}";q=${limit};w=${windowS}`).join(", "));
  headers.set(
    "ratelimit",
    usages.map(({ policy, remaining, resetS }) => `"${policy}";r=${remaining};t=${resetS}`).join(", "),
  );
}
