import { describe, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { aCause, aReservation, aStock, someShelves } from "./a-shelf.ts";
import type { ReservationStatus } from "./change.ts";
import { noChange } from "./change.ts";
import { releaseReservation } from "./release-reservation.ts";
import { sellReservation } from "./sell-reservation.ts";

const orderId = newId();
const shelvesWith = (status: ReservationStatus) =>
  someShelves({
    stocks: [aStock({ onHand: 10, reserved: 4 })],
    reservations: [aReservation({ orderId, quantity: 3, status }), aReservation({ quantity: 1 })],
  });

describe("ending a reservation", () => {
  test("releasing gives the units back", () => {
    const change = releaseReservation(shelvesWith("held"), orderId, aCause());
    expect(change.stocks).toEqual([aStock({ onHand: 10, reserved: 1 })]);
    expect(change.movements).toEqual([
      expect.objectContaining({
        kind: "released",
        onHandDelta: 0,
        reservedDelta: -3,
        onHandAfter: 10,
        reservedAfter: 1,
        orderId,
      }),
    ]);
    expect(change.facts.map(({ type }) => type)).toEqual(["stock.released"]);
  });

  test("selling takes the units off the shelf", () => {
    const change = sellReservation(shelvesWith("held"), orderId, aCause());
    expect(change.stocks).toEqual([aStock({ onHand: 7, reserved: 1 })]);
    expect(change.movements).toEqual([
      expect.objectContaining({
        kind: "sold",
        onHandDelta: -3,
        reservedDelta: -3,
        onHandAfter: 7,
        reservedAfter: 1,
        orderId,
      }),
    ]);
    expect(change.reservations).toEqual([expect.objectContaining({ orderId, status: "sold" })]);
    expect(change.facts.map(({ type, data }) => [type, data])).toEqual([
      ["stock.sold", { orderId, lines: [{ sku: "MUG-0001", quantity: 3 }] }],
    ]);
  });

  test.each([
    ["releasing", "released", releaseReservation],
    ["releasing", "sold", releaseReservation],
    ["selling", "released", sellReservation],
    ["selling", "sold", sellReservation],
  ] as const)("%s what was %s before changes nothing", (_, status, end) => {
    expect(end(shelvesWith(status), orderId, aCause())).toEqual(noChange);
  });

  test.each([releaseReservation, sellReservation])("an order that holds nothing changes nothing: %p", (end) => {
    expect(end(someShelves(), newId(), aCause())).toEqual(noChange);
  });
});
