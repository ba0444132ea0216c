import { expect, test } from "bun:test";
import { anOrder } from "../testing/an-order.ts";
import { visibleOrder } from "./visible-order.ts";

const order = anOrder({ customerId: "ada" });

test.each([
  ["the customer who placed it", order, { id: "ada", role: "customer" }, true],
  ["another customer", order, { id: "eve", role: "customer" }, false],
  ["an operator", order, { id: "eve", role: "operator" }, true],
  ["an operator, when there is none", undefined, { id: "eve", role: "operator" }, false],
])("%s", (_, stored, viewer, isShown) => {
  if (isShown) expect(visibleOrder(stored, viewer)).toBe(order);
  else expect(() => visibleOrder(stored, viewer)).toThrow(expect.objectContaining({ reason: "order_not_found" }));
});
