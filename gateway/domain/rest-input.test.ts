import { describe, expect, test } from "bun:test";
import { readRestInput, renameFields } from "./rest-input.ts";
import type { RestField, RestRoute, ValueType } from "./rest-routes.ts";

const aField = (name: string, type: ValueType = "string", isList = false): RestField => ({
  name,
  field: name,
  type,
  isList,
});
const key: RestField = { name: "Idempotency-Key", field: "idempotencyKey", type: "string", isList: false };

const route: RestRoute = {
  method: "POST",
  segments: ["orders", undefined],
  service: "order",
  procedure: "any",
  inPath: [aField("orderId")],
  inQuery: [aField("limit", "integer"), aField("isActive", "boolean"), aField("skus", "string", true), aField("text")],
  inHeaders: [key],
  hasBody: true,
  isStream: false,
  status: 200,
  location: undefined,
};

type Given = { path?: string; query?: string; headers?: Record<string, string>; body?: Record<string, unknown> };

function read({ path = "1", query = "", headers = {}, body = {} }: Given, given: RestRoute = route) {
  return readRestInput({
    route: given,
    values: given.inPath.length > 0 ? [path] : [],
    query: new URLSearchParams(query),
    header: (name) => headers[name] ?? null,
    body,
  });
}

describe("a value of the query", () => {
  test.each([
    ["limit=20", { limit: 20 }],
    ["limit=-3", { limit: -3 }],
    ["limit=abc", { limit: "abc" }],
    ["limit=", { limit: "" }],
    ["limit=0x10", { limit: "0x10" }],
    ["limit=1e3", { limit: "1e3" }],
    ["isActive=true", { isActive: true }],
    ["isActive=yes", { isActive: "yes" }],
    ["skus=A&skus=2", { skus: ["A", "2"] }],
    ["skus=A", { skus: ["A"] }],
    ["text=4711", { text: "4711" }],
    ["text=a%20b%2Fc", { text: "a b/c" }],
  ])("%s is %j", (query, expected) => {
    expect(read({ query })).toEqual({ input: { orderId: "1", ...expected }, faults: {} });
  });

  test.each([
    ["lmit=3", { lmit: ["There is no such parameter"] }],
    ["limit=1&limit=2", { limit: ["Given more than once"] }],
  ])("%s is refused", (query, faults) => {
    expect(read({ query }).faults).toEqual(faults);
  });

  test("by a name of the prototype is unknown like any other", () => {
    expect(Object.keys(read({ query: "__proto__=1&constructor=2" }).faults)).toEqual(["__proto__", "constructor"]);
  });
});

test("a value of the path is decoded, and may hold whatever its procedure takes", () => {
  expect(read({ path: "a%2F..%2Fb" }).input).toEqual({ orderId: "a/../b" });
  expect(read({ path: "%E0%A4%A" }).faults).toEqual({ orderId: ["The path is not percent-encoded UTF-8"] });
});

test("the idempotency key is the header's alone, quoted or bare", () => {
  expect(read({ headers: { "Idempotency-Key": "k" } }).input).toMatchObject({ idempotencyKey: "k" });
  expect(read({ headers: { "Idempotency-Key": '"k"' } }).input).toMatchObject({ idempotencyKey: "k" });
  expect(read({ body: { idempotencyKey: "smuggled" } }).input).toEqual({ orderId: "1" });
});

test("the path goes before a field of the body with its name", () => {
  expect(read({ path: "mine", body: { orderId: "other", reason: "r" } }).input).toEqual({
    orderId: "mine",
    reason: "r",
  });
});

test("a body's __proto__ stays a field", () => {
  const { input } = read({ body: JSON.parse('{"__proto__":{"isAdmin":true}}') });
  expect((input as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

test("a procedure without an input gets none", () => {
  const bare = { ...route, inPath: [], inQuery: [], inHeaders: [], hasBody: false };
  expect(read({}, bare).input).toBeUndefined();
});

test("what is wrong with a field is told under the caller's name for it", () => {
  expect(renameFields({ idempotencyKey: ["required"], "lines.0.sku": ["bad"] }, route)).toEqual({
    "Idempotency-Key": ["required"],
    "lines.0.sku": ["bad"],
  });
});
