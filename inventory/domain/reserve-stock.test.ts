import { describe, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { aCause, aReservation, aStock, someShelves } from "./a-shelf.ts";
import type { ReservationStatus } from "./change.ts";
import { noChange } from "./change.ts";
import { reserveStock } from "./reserve-stock.ts";

const orderId = newId();
const mug = (onHand: number, reserved = 0) => aStock({ sku: "MUG", onHand, reserved });
const hat = (onHand: number, reserved = 0) => aStock({ sku: "HAT", onHand, reserved });

describe("reserving", () => {
  test("keeps every line, with a movement each and its cause", () => {
    const shelves = someShelves({ stocks: [mug(20), hat(30, 2)] });
    const cause = aCause({ id: "event-1" });
    const lines = [
      { sku: "MUG", quantity: 3 },
      { sku: "HAT", quantity: 2 },
    ];
    const change = reserveStock(shelves, { orderId, lines }, cause);

    expect(change.stocks).toEqual([mug(20, 3), hat(30, 4)]);
    expect(change.facts).toEqual([
      expect.objectContaining({ type: "stock.reserved", key: orderId, data: { orderId, lines } }),
    ]);
    expect(change.reservations.map(({ sku, quantity, status }) => [sku, quantity, status])).toEqual([
      ["MUG", 3, "held"],
      ["HAT", 2, "held"],
    ]);
    expect(change.movements[1]).toEqual({
      sku: "HAT",
      location: "main",
      kind: "reserved",
      onHandDelta: 0,
      reservedDelta: 2,
      onHandAfter: 30,
      reservedAfter: 4,
      orderId,
      cause,
    });
  });

  test.each([
    ["the last unit", [mug(5, 4)], [{ sku: "MUG", quantity: 1 }], "stock.reserved", undefined, undefined],
    ["one unit too many", [mug(5, 4)], [{ sku: "MUG", quantity: 2 }], "stock.rejected", "out_of_stock", ["MUG"]],
    ["what is all promised", [mug(5, 5)], [{ sku: "MUG", quantity: 1 }], "stock.rejected", "out_of_stock", ["MUG"]],
    ["an unknown SKU", [mug(5)], [{ sku: "CAP", quantity: 1 }], "stock.rejected", "unknown_sku", ["CAP"]],
    [
      "one line of two that is short",
      [mug(5), hat(1)],
      [
        { sku: "MUG", quantity: 1 },
        { sku: "HAT", quantity: 2 },
      ],
      "stock.rejected",
      "out_of_stock",
      ["HAT"],
    ],
    [
      "one SKU on two lines that together are short",
      [mug(5)],
      [
        { sku: "MUG", quantity: 3 },
        { sku: "MUG", quantity: 3 },
      ],
      "stock.rejected",
      "out_of_stock",
      ["MUG"],
    ],
  ])("answers %s", (_, stocks, lines, type, reason, skus) => {
    const change = reserveStock(someShelves({ stocks, lowStockThreshold: 0 }), { orderId, lines }, aCause());
    expect(change.facts[0]?.type).toBe(type);
    if (!reason) return;
    expect(change.facts[0]?.data).toEqual({ orderId, reason, skus });
    expect(change).toEqual({ ...noChange, facts: change.facts });
  });

  test.each<ReservationStatus>(["held", "released", "sold"])(
    "an order whose reservation is %s changes nothing",
    (status) => {
      const shelves = someShelves({ reservations: [aReservation({ orderId, status })] });
      expect(reserveStock(shelves, { orderId, lines: [{ sku: "MUG-0001", quantity: 1 }] }, aCause())).toEqual(noChange);
    },
  );

  test.each([
    ["above the threshold", 10, 4, 0],
    ["onto the threshold", 10, 5, 1],
    ["below it", 10, 7, 1],
    ["from the threshold on down", 5, 1, 0],
  ])("%s, low stock is told as often as it is crossed", (_, onHand, quantity, times) => {
    const shelves = someShelves({ stocks: [mug(onHand)], lowStockThreshold: 5 });
    const { facts } = reserveStock(shelves, { orderId, lines: [{ sku: "MUG", quantity }] }, aCause());
    const low = facts.filter(({ type }) => type === "stock.low");
    expect(low.map(({ data }) => data)).toEqual(
      Array(times).fill({ sku: "MUG", name: "Product MUG", available: onHand - quantity, threshold: 5 }),
    );
  });
});
