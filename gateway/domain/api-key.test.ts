import { describe, expect, test } from "bun:test";
import { createApiKey, isUsable, prefixOf } from "./api-key.ts";
import { scopeOf } from "./scopes.ts";

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
const at = (text: string) => new Date(text);

describe("an API key", () => {
  test("has 256 secret bits behind a prefix that names it", () => {
    const { key, prefix } = createApiKey(random);
    expect(prefixOf(key)).toBe(prefix);
    expect(Buffer.from(key.slice(prefix.length + 1), "base64url").byteLength).toBe(32);
    expect(createApiKey(random).key).not.toBe(key);
  });

  test.each([
    "",
    "ofk",
    "ofk_12345678",
    `ofk_12345678_${"a".repeat(42)}`,
    `sk_12345678_${"a".repeat(43)}`,
    "x".repeat(9_999),
  ])("%p is none", (text) => {
    expect(prefixOf(text)).toBeUndefined();
  });

  test.each([
    [{ expiresAt: at("2026-01-02"), revokedAt: null }, true],
    [{ expiresAt: at("2026-01-01"), revokedAt: null }, false],
    [{ expiresAt: at("2026-01-02"), revokedAt: at("2025-12-31") }, false],
  ])("%p is usable: %p", (state, expected) => {
    expect(isUsable(state, at("2026-01-01"))).toBe(expected);
  });
});

test.each([
  ["order", "query", "order:read"],
  ["order", "subscription", "order:read"],
  ["order", "mutation", "order:write"],
] as const)("%s's %s needs %s", (service, type, scope) => {
  expect(scopeOf(service, type)).toBe(scope);
});
