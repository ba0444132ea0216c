import { expect, test } from "bun:test";
import { Refusal } from "@orderflow/common/errors";
import fc from "fast-check";
import { aCause, aStock, someShelves } from "./a-shelf.ts";
import { adjustStock } from "./adjust-stock.ts";
import type { Cause, Change } from "./change.ts";
import { noChange } from "./change.ts";
import { releaseReservation } from "./release-reservation.ts";
import { reserveStock } from "./reserve-stock.ts";
import { sellReservation } from "./sell-reservation.ts";
import type { OpenShelves, Shelves } from "./shelves.ts";

const skus = ["CAP", "HAT", "MUG"];
const sku = fc.constantFrom(...skus);
const orderId = fc.integer({ min: 0, max: 7 }).map((n) => `00000000-0000-7000-8000-00000000000${n}`);
const lines = fc.array(
  fc.record({ sku: fc.oneof(sku, fc.constant("GONE")), quantity: fc.integer({ min: 1, max: 6 }) }),
  {
    minLength: 1,
    maxLength: 4,
  },
);

type Step = (shelves: Shelves, cause: Cause) => Change;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ orderId, lines }).map(
    (order): Step =>
      (shelves, cause) =>
        reserveStock(shelves, order, cause),
  ),
  orderId.map(
    (id): Step =>
      (shelves, cause) =>
        releaseReservation(shelves, id, cause),
  ),
  orderId.map(
    (id): Step =>
      (shelves, cause) =>
        sellReservation(shelves, id, cause),
  ),
  fc.record({ sku, delta: fc.integer({ min: -8, max: 8 }) }).map(
    (adjustment): Step =>
      (shelves, cause) =>
        adjustStock(shelves, { ...adjustment, reason: "count" }, cause),
  ),
);
const steps = fc.array(step, { maxLength: 60 });
const initial = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: skus.length, maxLength: skus.length });

/** What a refused step changes is nothing. */
function decide(shelves: OpenShelves, decideOne: Step): Change {
  try {
    return decideOne(shelves, aCause());
  } catch (error) {
    if (error instanceof Refusal) return noChange;
    throw error;
  }
}

function startWith(onHand: number[]): OpenShelves {
  return someShelves({ stocks: skus.map((name, index) => aStock({ sku: name, onHand: onHand[index] ?? 0 })) });
}

const stocksOf = (shelves: Shelves) => skus.map((name) => shelves.stock(name) ?? aStock({ sku: name, onHand: 0 }));

test("nothing is reserved that is not on hand, nothing is on hand below zero", () => {
  fc.assert(
    fc.property(initial, steps, (onHand, all) => {
      const shelves = startWith(onHand);
      for (const one of all) {
        shelves.put(decide(shelves, one));
        for (const stock of stocksOf(shelves)) {
          expect(stock.reserved).toBeGreaterThanOrEqual(0);
          expect(stock.onHand).toBeGreaterThanOrEqual(stock.reserved);
        }
      }
    }),
  );
});

test("stock is conserved: the ledger sums to the balance, and on hand plus sold is received plus adjusted", () => {
  fc.assert(
    fc.property(initial, steps, (onHand, all) => {
      const shelves = startWith(onHand);
      for (const one of all) shelves.put(decide(shelves, one));
      for (const [index, stock] of stocksOf(shelves).entries()) {
        const movements = shelves.changed().movements.filter((movement) => movement.sku === stock.sku);
        const total = (kind: string) =>
          movements.filter((m) => m.kind === kind).reduce((sum, m) => sum + m.onHandDelta, 0);
        const sold = shelves
          .changed()
          .reservations.filter(({ sku: of, status }) => of === stock.sku && status === "sold");
        expect(0 - total("sold")).toBe(sold.reduce((sum, { quantity }) => sum + quantity, 0));
        const held = movements.reduce((sum, movement) => sum + movement.reservedDelta, 0);
        expect(stock.onHand - total("sold")).toBe((onHand[index] ?? 0) + total("adjusted"));
        expect(stock.reserved).toBe(held);
        expect(movements.at(-1)?.onHandAfter ?? stock.onHand).toBe(stock.onHand);
      }
    }),
  );
});

test("what is reserved is what the held reservations say", () => {
  fc.assert(
    fc.property(initial, steps, (onHand, all) => {
      const shelves = startWith(onHand);
      for (const one of all) shelves.put(decide(shelves, one));
      const held = shelves.changed().reservations.filter(({ status }) => status === "held");
      for (const stock of stocksOf(shelves)) {
        const quantities = held.filter((reservation) => reservation.sku === stock.sku).map(({ quantity }) => quantity);
        expect(stock.reserved).toBe(quantities.reduce((sum, quantity) => sum + quantity, 0));
      }
    }),
  );
});

test("an order is kept whole or not at all", () => {
  fc.assert(
    fc.property(initial, fc.record({ orderId, lines }), (onHand, order) => {
      const shelves = startWith(onHand);
      const change = reserveStock(shelves, order, aCause());
      const isWhole = order.lines.every(({ sku: name }) => change.reservations.some((kept) => kept.sku === name));
      expect(isWhole || change.reservations.length === 0).toBe(true);
      expect(change.facts[0]?.type).toBe(isWhole ? "stock.reserved" : "stock.rejected");
    }),
  );
});

test("an order reserved, released or sold twice changes nothing the second time", () => {
  const order = fc.record({ orderId, lines });
  const ends = fc.constantFrom(releaseReservation, sellReservation);
  fc.assert(
    fc.property(initial, steps, order, ends, (onHand, before, again, end) => {
      const shelves = startWith(onHand);
      for (const one of before) shelves.put(decide(shelves, one));
      const first = reserveStock(shelves, again, aCause());
      shelves.put(first);
      const second = reserveStock(shelves, again, aCause());
      expect(second).toEqual({ ...noChange, facts: second.facts });
      if (first.reservations.length > 0) expect(second.facts).toEqual([]);

      shelves.put(end(shelves, again.orderId, aCause()));
      expect(releaseReservation(shelves, again.orderId, aCause())).toEqual(noChange);
      expect(sellReservation(shelves, again.orderId, aCause())).toEqual(noChange);
    }),
  );
});
