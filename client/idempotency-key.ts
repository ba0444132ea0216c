import type { MutationWithoutKey } from "./api.ts";

/** Does not compile when one is missing here, or has a key by now. */
const withoutKey: Record<MutationWithoutKey, true> = {
  "account.apiKeys.revoke": true,
  "account.sessions.revoke": true,
};

/** Whether repeating this mutation does no more than making it once. */
export function takesKey(path: string): boolean {
  return !Object.hasOwn(withoutKey, path);
}

/** The input with a key, the caller's own where there is one. */
export function withKey(input: unknown): unknown {
  if (typeof input !== "object" || input === null) return { idempotencyKey: newKey() };
  const own = "idempotencyKey" in input ? input.idempotencyKey : undefined;
  return { ...input, idempotencyKey: own ?? newKey() };
}

/** A random UUID (RFC 9562, version 4) by hand: on pages without TLS browsers have no `crypto.randomUUID`. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
