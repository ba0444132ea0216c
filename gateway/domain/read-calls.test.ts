import { describe, expect, test } from "bun:test";
import { onlyService, readCalls } from "./read-calls.ts";

const services = new Set(["order", "inventory"]);
const read = (path: string) =>
  readCalls(`http://127.0.0.1:3000/trpc/${path}`, { endpoint: "/trpc", services, maxCalls: 50 });

describe("names that a client calls", () => {
  test("a single call goes to its service under the service's own name", () => {
    expect(read("order.place")).toEqual({
      isBatch: false,
      calls: [{ name: "order.place", service: "order", procedure: "place" }],
      search: "",
    });
  });

  test("a nested procedure keeps its path", () => {
    expect(read("order.returns.open?input=1").calls).toEqual([
      { name: "order.returns.open", service: "order", procedure: "returns.open" },
    ]);
  });

  test.each(["order.a,inventory.b?batch=1", "order.a%2Cinventory.b?input={}&batch=1"])(
    "a batch is split: %s",
    (path) => {
      const { isBatch, calls } = read(path);
      expect(isBatch).toBe(true);
      expect(calls.map(({ service }) => service)).toEqual(["order", "inventory"]);
    },
  );

  test("commas outside a batch are part of one unknown name", () => {
    expect(read("order.a,order.b").calls).toEqual([{ name: "order.a,order.b", service: undefined }]);
    expect(read("order.a,order.b?x=batch=1").calls).toHaveLength(1);
  });

  test.each([
    "order",
    "order.",
    ".place",
    "order..place",
    "order.place.",
    "order/place",
    "order.%2fplace",
    "order.%2e%2e%2finternal%2fevents.read",
    "order.../internal/events.read",
    "order.place;internal",
    "order.place//x",
    "Order.place",
    "ORDER.place",
    "internal.events.read",
    "notify.deliveries",
    "constructor.name",
    "__proto__.x",
    "order.__proto__",
    "order.place\\x",
    "order.place%00",
    "order.place%0d%0ax",
    "order.plаce",
    "",
  ])("%p reaches no service", (path) => {
    expect(read(path).calls.map(({ service }) => service)).toEqual([undefined]);
  });

  test("a batch past its bound is read no further than one call past it", () => {
    expect(read(`${Array(5000).fill("order.a").join(",")}?batch=1`).calls).toHaveLength(51);
  });

  test("only calls of one service have an only service", () => {
    expect(onlyService(read("order.a,order.b?batch=1").calls)).toBe("order");
    expect(onlyService(read("order.a,inventory.b?batch=1").calls)).toBeUndefined();
    expect(onlyService(read("order.a,other.b?batch=1").calls)).toBeUndefined();
    expect(onlyService(read("other.b").calls)).toBeUndefined();
  });
});
