import { describe, expect, test } from "bun:test";
import { aCause, aStock, someShelves } from "./a-shelf.ts";
import { adjustStock } from "./adjust-stock.ts";
import { maxOnHand } from "./stock.ts";

const adjust = (stock: { onHand: number; reserved?: number }, delta: number, sku = "MUG-0001") =>
  adjustStock(someShelves({ stocks: [aStock(stock)] }), { sku, delta, reason: "count" }, aCause({ actor: "op-1" }));

describe("adjusting", () => {
  test.each([
    ["up", { onHand: 10, reserved: 2 }, 5, 15],
    ["down to what is promised", { onHand: 10, reserved: 2 }, -8, 2],
    ["down to nothing", { onHand: 10 }, -10, 0],
    ["up to the limit", { onHand: maxOnHand - 1 }, 1, maxOnHand],
  ])("%s", (_, stock, delta, onHand) => {
    const change = adjust(stock, delta);
    expect(change.stocks).toEqual([aStock({ ...stock, onHand })]);
    expect(change.movements).toEqual([
      expect.objectContaining({
        kind: "adjusted",
        onHandDelta: delta,
        reservedDelta: 0,
        onHandAfter: onHand,
        reason: "count",
      }),
    ]);
    expect(change.facts[0]).toMatchObject({ type: "stock.adjusted", data: { delta, onHand, reason: "count" } });
  });

  test.each([
    ["below zero", { onHand: 10 }, -11, "insufficient_stock"],
    ["into what is promised", { onHand: 10, reserved: 3 }, -8, "insufficient_stock"],
    ["past the limit", { onHand: maxOnHand }, 1, "stock_limit_exceeded"],
  ])("%s is refused", (_, stock, delta, reason) => {
    expect(() => adjust(stock, delta)).toThrow(expect.objectContaining({ reason }));
  });

  test("an unknown SKU is refused", () => {
    expect(() => adjust({ onHand: 1 }, 1, "CAP")).toThrow(expect.objectContaining({ reason: "unknown_sku" }));
  });

  test("tells of low stock when it falls to the threshold", () => {
    expect(adjust({ onHand: 10 }, -5).facts.map(({ type }) => type)).toEqual(["stock.adjusted", "stock.low"]);
  });
});
