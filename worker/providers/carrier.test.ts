import { expect, test } from "bun:test";
import { aShipment } from "../domain/a-shipment.ts";
import { bookingRequest } from "../domain/shipment.ts";
import { boundedCarrier } from "./bounded-carrier.ts";
import { CarrierUnavailable } from "./carrier.ts";
import { simulatedCarrier } from "./simulated-carrier.ts";

const request = bookingRequest(aShipment());
const reliable = simulatedCarrier({ failureRatio: 0, latencyMs: 0 });

test("the same key is the same tracking number, another key another", async () => {
  const [first, again] = [await reliable.book(request), await reliable.book(request)];
  const other = await reliable.book({ ...request, idempotencyKey: crypto.randomUUID() });
  expect(again).toEqual(first);
  expect(first.trackingNumber).toMatch(/^SIM[0-9A-F]{16}$/);
  expect(other.trackingNumber).not.toBe(first.trackingNumber);
});

test("the failure ratio decides how many calls fail", async () => {
  const random = [0.1, 0.5, 0.9][Symbol.iterator]();
  const carrier = simulatedCarrier({ failureRatio: 0.5, latencyMs: 0, random: () => random.next().value ?? 1 });
  await expect(carrier.book(request)).rejects.toBeInstanceOf(CarrierUnavailable);
  expect(await carrier.book(request)).toHaveProperty("trackingNumber");
  await carrier.cancel("key");
});

test("a carrier that does not answer in time, or fails in its own words, is unavailable", async () => {
  const late = boundedCarrier({ ...reliable, book: () => new Promise(() => {}) }, { timeoutMs: 20 });
  await expect(late.book(request)).rejects.toBeInstanceOf(CarrierUnavailable);
  const broken = boundedCarrier({ ...reliable, cancel: () => Promise.reject(new TypeError("x")) }, { timeoutMs: 20 });
  await expect(broken.cancel("key")).rejects.toMatchObject({ name: "CarrierUnavailable", cause: new TypeError("x") });
  expect(await boundedCarrier(reliable, { timeoutMs: 1_000 }).book(request)).toEqual(await reliable.book(request));
});
