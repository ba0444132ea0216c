import { type Carrier, CarrierUnavailable } from "./carrier.ts";
import { simulatedCarrier } from "./simulated-carrier.ts";

export type RecordedCarrier = Carrier & {
  /** What was asked about the booking with this key, in order. */
  callsOf(idempotencyKey: string): string[];
  /** Whether it still means to fetch a parcel. */
  hasBooking(idempotencyKey: string): boolean;
  /** The next booking for this order waits until what is answered is called. */
  hold(orderNumber: string): () => void;
  /** The next `times` bookings for this order fail, after the carrier has taken them down. */
  failNext(orderNumber: string, times: number): void;
};

/** Test double: a carrier that remembers, as a real one does. */
export function recordedCarrier(): RecordedCarrier {
  const simulated = simulatedCarrier({ failureRatio: 0, latencyMs: 0 });
  const calls: { key: string; call: string }[] = [];
  const keyOf = new Map<string, string>();
  const held = new Map<string, Promise<void>>();
  const failures = new Map<string, number>();
  const booked = new Set<string>();
  return {
    async book(request) {
      const { idempotencyKey, orderNumber } = request;
      calls.push({ key: idempotencyKey, call: "book" });
      await held.get(orderNumber);
      const booking = await simulated.book(request);
      keyOf.set(booking.trackingNumber, idempotencyKey);
      booked.add(idempotencyKey);
      const left = failures.get(orderNumber) ?? 0;
      failures.set(orderNumber, left - 1);
      if (left > 0) throw new CarrierUnavailable("The answer was lost");
      return booking;
    },
    async dispatch({ trackingNumber }) {
      calls.push({ key: keyOf.get(trackingNumber) ?? "", call: "dispatch" });
    },
    async cancel(idempotencyKey) {
      calls.push({ key: idempotencyKey, call: "cancel" });
      booked.delete(idempotencyKey);
    },
    callsOf: (key) => calls.filter((entry) => entry.key === key).map(({ call }) => call),
    hasBooking: (key) => booked.has(key),
    hold(orderNumber) {
      const { promise, resolve } = Promise.withResolvers<void>();
      held.set(orderNumber, promise);
      return resolve;
    },
    failNext: (orderNumber, times) => void failures.set(orderNumber, times),
  };
}
