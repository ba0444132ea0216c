import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { aShipment } from "./a-shipment.ts";
import {
  awaitedStep,
  cancelShipment,
  type Decision,
  recordBooking,
  recordDelivery,
  recordDispatch,
  type Shipment,
  type ShipmentStatus,
  shipmentStatuses,
} from "./shipment.ts";

const at = new Date("2026-03-02T08:00:00.000Z");
const moment = { at, delayMs: 2_000 };
const dispatch = { ...moment, authorizedAt: new Date("2026-03-02T07:59:59.000Z") };
const inTwoSeconds = new Date("2026-03-02T08:00:02.000Z");
const booking = { carrier: "simulated", trackingNumber: "SIM42" };

type Outcome = { status: ShipmentStatus; facts: string[]; tasks: string[] } | "fault";
const same = (status: ShipmentStatus): Outcome => ({ status, facts: [], tasks: [] });

function outcome(decide: () => Decision): Outcome {
  try {
    const { shipment, facts, tasks } = decide();
    return { status: shipment.status, facts: facts.map((f) => f.type), tasks: tasks.map((t) => t.task) };
  } catch {
    return "fault";
  }
}

const table: Record<string, { decide: (shipment: Shipment) => Decision; expected: Record<ShipmentStatus, Outcome> }> = {
  "recording a booking": {
    decide: (shipment) => recordBooking(shipment, booking, moment),
    expected: {
      requested: { status: "booked", facts: [], tasks: ["dispatch-shipment"] },
      booked: same("booked"),
      dispatched: same("dispatched"),
      delivered: same("delivered"),
      cancelled: { status: "cancelled", facts: [], tasks: ["cancel-booking"] },
    },
  },
  "recording a dispatch": {
    decide: (shipment) => recordDispatch(shipment, dispatch),
    expected: {
      requested: "fault",
      booked: { status: "dispatched", facts: ["shipment.dispatched"], tasks: ["deliver-shipment"] },
      dispatched: same("dispatched"),
      delivered: same("delivered"),
      cancelled: same("cancelled"),
    },
  },
  "recording a delivery": {
    decide: (shipment) => recordDelivery(shipment, at),
    expected: {
      requested: "fault",
      booked: "fault",
      dispatched: { status: "delivered", facts: ["shipment.delivered"], tasks: [] },
      delivered: same("delivered"),
      cancelled: same("cancelled"),
    },
  },
  cancelling: {
    decide: (shipment) => cancelShipment(shipment, at),
    expected: {
      requested: { status: "cancelled", facts: [], tasks: ["cancel-booking"] },
      booked: { status: "cancelled", facts: [], tasks: ["cancel-booking"] },
      dispatched: same("dispatched"),
      delivered: same("delivered"),
      cancelled: same("cancelled"),
    },
  },
};

for (const [name, { decide, expected }] of Object.entries(table)) {
  describe(name, () => {
    test.each([...shipmentStatuses])("a shipment that is %s", (status) => {
      expect(outcome(() => decide(aShipment({ status })))).toEqual(expected[status]);
    });
  });
}

test("a booking keeps the first tracking number", () => {
  const booked = recordBooking(aShipment(), booking, moment).shipment;
  const again = recordBooking(booked, { carrier: "other", trackingNumber: "OTHER" }, moment).shipment;
  expect(again.booking).toEqual(booking);
});

test("the next step waits for the carrier's delay", () => {
  expect(recordBooking(aShipment(), booking, moment).tasks[0]?.runAt).toEqual(inTwoSeconds);
  expect(recordDispatch(aShipment({ status: "booked" }), dispatch).tasks[0]?.runAt).toEqual(inTwoSeconds);
});

test("a dispatch names the shipment, the order, the tracking number, and since when order had given leave", () => {
  const shipment = aShipment({ status: "booked", booking });
  expect(recordDispatch(shipment, dispatch).facts[0]).toMatchObject({
    stream: "worker",
    key: shipment.orderId,
    data: {
      ...{ shipmentId: shipment.id, orderId: shipment.orderId, ...booking },
      ...{ dispatchedAt: at.toISOString(), authorizedAt: dispatch.authorizedAt.toISOString() },
    },
  });
});

test("whatever order steps come in, each fact is told at most once and nothing leaves a final status", () => {
  const steps = Object.values(table).map(({ decide }) => decide);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: steps.length - 1 }), { maxLength: 30 }), (picks) => {
      let shipment = aShipment();
      const told: string[] = [];
      for (const pick of picks) {
        const before = shipment.status;
        try {
          const decision = steps[pick]?.(shipment);
          if (!decision) continue;
          shipment = decision.shipment;
          told.push(...decision.facts.map((f) => f.type));
        } catch {}
        if (awaitedStep[before] === "nothing") expect(shipment.status).toBe(before);
      }
      expect(new Set(told).size).toBe(told.length);
      if (shipment.status === "cancelled") expect(told).toEqual([]);
    }),
  );
});
