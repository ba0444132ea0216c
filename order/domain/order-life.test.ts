import { describe, expect, test } from "bun:test";
import { Refusal } from "@orderflow/common/errors";
import { catalog } from "@orderflow/common/events/catalog";
import { anOrder } from "../testing/an-order.ts";
import { authorizeDispatch } from "./authorize-dispatch.ts";
import { cancelOrder } from "./cancel-order.ts";
import { confirmOrder } from "./confirm-order.ts";
import { deliverOrder } from "./deliver-order.ts";
import { type Decision, isFinal, type Order, type OrderStatus, orderStatuses } from "./order.ts";
import { rejectOrder } from "./reject-order.ts";
import { shipOrder } from "./ship-order.ts";

const at = new Date("2026-11-21T12:00:00.000Z");
const shipment = {
  carrier: "Simulated Post",
  trackingNumber: "SP-1",
  dispatchedAt: at.toISOString(),
  deliveredAt: at.toISOString(),
};

/** What each rule says of each status: the status after it and what is told, "same" or the error. */
type Outcome = "same" | "contradiction" | { refusal: string } | { to: OrderStatus; told: string[] };
type Row = { decide: (order: Order) => Decision<Order>; outcomes: Record<OrderStatus, Outcome> };

const rules: Record<string, Row> = {
  confirm: {
    decide: (order) => confirmOrder(order, at),
    outcomes: {
      pending: { to: "confirmed", told: ["order.confirmed", "fulfil-order"] },
      confirmed: "same",
      shipped: "same",
      delivered: "same",
      rejected: "contradiction",
      cancelled: "same",
    },
  },
  reject: {
    decide: (order) => rejectOrder(order, { reason: "out_of_stock", skus: ["TEA-1"] }, at),
    outcomes: {
      pending: { to: "rejected", told: ["order.rejected"] },
      confirmed: "contradiction",
      shipped: "contradiction",
      delivered: "contradiction",
      rejected: "same",
      cancelled: "same",
    },
  },
  cancel: {
    decide: (order) => cancelOrder(order, "changed my mind", at),
    outcomes: {
      pending: { to: "cancelled", told: ["order.cancelled"] },
      confirmed: { to: "cancelled", told: ["order.cancelled"] },
      shipped: { refusal: "order_already_shipped" },
      delivered: { refusal: "order_already_shipped" },
      rejected: { refusal: "order_rejected" },
      cancelled: "same",
    },
  },
  "authorize dispatch": {
    decide: (order) => authorizeDispatch(order, at),
    outcomes: {
      pending: { refusal: "order_still_pending" },
      confirmed: { to: "confirmed", told: [] },
      shipped: "same",
      delivered: "same",
      rejected: { refusal: "order_not_confirmed" },
      cancelled: { refusal: "order_not_confirmed" },
    },
  },
  ship: {
    decide: (order) => shipOrder(order, shipment, at),
    outcomes: {
      pending: "contradiction",
      confirmed: { to: "shipped", told: ["order.shipped"] },
      shipped: "same",
      delivered: "same",
      rejected: "contradiction",
      cancelled: "contradiction",
    },
  },
  deliver: {
    decide: (order) => deliverOrder(order, shipment, at),
    outcomes: {
      pending: "contradiction",
      confirmed: "contradiction",
      shipped: { to: "delivered", told: ["order.delivered"] },
      delivered: "same",
      rejected: "contradiction",
      cancelled: "contradiction",
    },
  },
};

for (const [name, { decide, outcomes }] of Object.entries(rules)) {
  describe(name, () => {
    test.each([...orderStatuses])("an order that is %s", (status) => {
      const order = anOrder({ status });
      const outcome = outcomes[status];
      if (outcome === "same") {
        expect(decide(order)).toEqual({ state: order, facts: [] });
        expect(decide(order).state).toBe(order);
      } else if (outcome === "contradiction") {
        expect(() => decide(order)).toThrow(/contradicts it/);
      } else if ("refusal" in outcome) {
        expect(refusalOf(() => decide(order))).toBe(outcome.refusal);
      } else {
        const { state, facts } = decide(order);
        expect({ status: state.status, version: state.version, updatedAt: state.updatedAt }).toEqual({
          status: outcome.to,
          version: 2,
          updatedAt: at,
        });
        expect(facts.map((fact) => fact.type)).toEqual(outcome.told);
        for (const fact of facts)
          expect(catalog[fact.type as keyof typeof catalog].schema.parse(fact.data)).toEqual(fact.data as never);
      }
    });
  });
}

test("from the moment dispatch is authorized an order cannot be cancelled", () => {
  const { state } = authorizeDispatch(anOrder({ status: "confirmed" }), at);
  expect(refusalOf(() => cancelOrder(state, "too late", at))).toBe("order_already_shipped");
});

test("a leave that was forgotten with a restored database comes back with the dispatch, and is never made up", () => {
  const authorizedAt = "2026-11-21T11:00:00.000Z";
  const forgotten = anOrder({ status: "confirmed" });
  expect(shipOrder(forgotten, { ...shipment, authorizedAt }, at).state.dispatchAuthorizedAt).toEqual(
    new Date(authorizedAt),
  );
  expect(shipOrder(forgotten, shipment, at).state.dispatchAuthorizedAt).toBeNull();
  const { state } = authorizeDispatch(forgotten, at);
  expect(shipOrder(state, { ...shipment, authorizedAt }, at).state.dispatchAuthorizedAt).toEqual(at);
});

test("authorizing dispatch twice changes nothing the second time", () => {
  const { state } = authorizeDispatch(anOrder({ status: "confirmed" }), at);
  expect(authorizeDispatch(state, new Date(0)).state).toBe(state);
});

test("a cancelled order says from where it was cancelled, so that inventory knows what to release", () => {
  const [fact] = cancelOrder(anOrder({ status: "confirmed" }), "changed my mind", at).facts;
  expect(fact?.data).toMatchObject({ previousStatus: "confirmed", reason: "changed my mind" });
});

test("delivered, rejected and cancelled are final", () => {
  expect(orderStatuses.filter(isFinal)).toEqual(["delivered", "rejected", "cancelled"]);
});

function refusalOf(decide: () => unknown): string {
  try {
    decide();
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
  return "accepted";
}
