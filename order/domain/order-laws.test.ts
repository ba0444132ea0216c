import { expect, test } from "bun:test";
import fc from "fast-check";
import { anOrder } from "../testing/an-order.ts";
import { authorizeDispatch } from "./authorize-dispatch.ts";
import { cancelOrder } from "./cancel-order.ts";
import { confirmOrder } from "./confirm-order.ts";
import { deliverOrder } from "./deliver-order.ts";
import type { Decision, Order, OrderStatus } from "./order.ts";
import { placeOrder } from "./place-order.ts";
import { priceLines } from "./price-lines.ts";
import { rejectOrder } from "./reject-order.ts";
import { shipOrder } from "./ship-order.ts";

const at = new Date("2026-11-21T12:00:00.000Z");
const shipment = {
  carrier: "Simulated Post",
  trackingNumber: "SP-1",
  dispatchedAt: at.toISOString(),
  deliveredAt: at.toISOString(),
};

/** Written down apart from the rules, so that a rule that changes by mistake is noticed here. */
const lawful: Record<OrderStatus, OrderStatus[]> = {
  pending: ["confirmed", "rejected", "cancelled"],
  confirmed: ["shipped", "cancelled"],
  shipped: ["delivered"],
  delivered: [],
  rejected: [],
  cancelled: [],
};

const happenings: Record<string, (order: Order) => Decision<Order>> = {
  reserved: (order) => confirmOrder(order, at),
  notReserved: (order) => rejectOrder(order, { reason: "out_of_stock", skus: ["TEA-1"] }, at),
  cancelled: (order) => cancelOrder(order, "changed my mind", at),
  dispatchAuthorized: (order) => authorizeDispatch(order, at),
  dispatched: (order) => shipOrder(order, shipment, at),
  delivered: (order) => deliverOrder(order, shipment, at),
};

test("no sequence of happenings leaves the lawful transitions, and each change is told exactly when the status moves", () => {
  const sequences = fc.array(fc.constantFrom(...Object.values(happenings)), { maxLength: 30 });
  fc.assert(
    fc.property(sequences, (sequence) => {
      let order = anOrder();
      for (const happening of sequence) {
        const { state, facts } = decideOrStay(order, happening);
        if (state.status !== order.status) {
          expect(lawful[order.status]).toContain(state.status);
          expect(facts.filter((fact) => fact.type === `order.${state.status}`)).toHaveLength(1);
        } else {
          expect(facts).toEqual([]);
        }
        expect(state.version).toBe(order.version + (state === order ? 0 : 1));
        order = state;
      }
    }),
    { numRuns: 500 },
  );
});

test("an order whose dispatch was authorized is never cancelled", () => {
  const sequences = fc.array(fc.constantFrom(...Object.values(happenings)), { maxLength: 30 });
  fc.assert(
    fc.property(sequences, (sequence) => {
      let order = anOrder();
      for (const happening of sequence) order = decideOrStay(order, happening).state;
      expect(order.status === "cancelled" && order.dispatchAuthorizedAt !== null).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test("a total is the sum of its lines, and the order repeats what was quoted", () => {
  const line = fc.record({
    quantity: fc.integer({ min: 1, max: 1_000 }),
    amountMinor: fc.integer({ min: 0, max: 10_000_000 }),
  });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 50 }), (wanted) => {
      const quotes = wanted.map(({ amountMinor }, index) => ({
        sku: `SKU-${index}`,
        name: `Product ${index}`,
        unitPrice: { amountMinor, currency: "EUR" },
        available: 1_000,
      }));
      const lines = wanted.map(({ quantity }, index) => ({ sku: `SKU-${index}`, quantity }));
      const priced = priceLines(lines, new Map(quotes.map((quote) => [quote.sku, quote])));
      const { id, customerId, contact, shippingAddress, placedAt } = anOrder();
      const { state, facts } = placeOrder(
        { id, customerId, contact, shippingAddress, placedAt, lines: priced },
        { number: "OF-00000001" },
      );

      let expected = 0;
      for (const { quantity, amountMinor } of wanted) expected += quantity * amountMinor;
      expect(state.total).toEqual({ amountMinor: expected, currency: "EUR" });
      expect(facts[0]?.data.total).toEqual(state.total);
      expect(state.lines.map(({ sku, quantity }) => ({ sku, quantity }))).toEqual(lines);
    }),
  );
});

/** A refusal and a contradiction leave the order as it is. */
function decideOrStay(order: Order, happening: (order: Order) => Decision<Order>): Decision<Order> {
  try {
    return happening(order);
  } catch {
    return { state: order, facts: [] };
  }
}
