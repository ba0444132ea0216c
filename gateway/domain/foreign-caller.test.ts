import { describe, expect, test } from "bun:test";
import { foreignId, roleOf } from "./foreign-caller.ts";

describe("the role of a caller of another issuer", () => {
  const roles = { admin: "operator", buyer: "customer" } as const;

  test.each<[Record<string, unknown>, string, "customer" | "operator" | undefined]>([
    [{ groups: "admin" }, "groups", "operator"],
    [{ groups: ["buyer", "admin"] }, "groups", "operator"],
    [{ groups: ["buyer", "other", 7, null] }, "groups", "customer"],
    [{ realm_access: { roles: ["admin"] } }, "realm_access.roles", "operator"],
    [{ "https://shop.example/roles": ["admin"] }, "https://shop.example/roles", "operator"],
    [{ groups: ["other"] }, "groups", undefined],
    [{ groups: ["constructor", "__proto__"] }, "groups", undefined],
    [{ groups: { admin: true } }, "groups", undefined],
    [{}, "constructor.name", undefined],
    [{}, "groups", undefined],
  ])("%j by %s is %p", (claims, roleClaim, expected) => {
    expect(roleOf(claims, { roleClaim, roles })).toBe(expected);
  });

  test("without a mapping is the default, and none without that", () => {
    expect(roleOf({ groups: ["admin"] }, { roles: {}, defaultRole: "customer" })).toBe("customer");
    expect(roleOf({ groups: ["admin"] }, { roles: {} })).toBeUndefined();
  });
});

describe("the id of a caller of another issuer", () => {
  test("is a UUID of its own for each issuer and subject, always the same", () => {
    const id = foreignId("https://id.example", "42");
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(foreignId("https://id.example", "42")).toBe(id);
    expect(foreignId("https://id.example", "43")).not.toBe(id);
    expect(foreignId("https://other.example", "42")).not.toBe(id);
    expect(foreignId("https://id.example4", "2")).not.toBe(id);
  });
});
