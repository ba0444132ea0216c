import { anAddress } from "../../testing/an-address.ts";
import { createRandom } from "../seeded-random.ts";
import type { Line, PlaceRequest } from "./witness.ts";

export type Product = { sku: string; initialStock: number };

/** One client's errand: it places an order, and may look around, cancel, or be impatient. */
export type Visit = {
  mark: string;
  customer: number;
  request: PlaceRequest;
  /** Asks twice at once with the same key, as a double click does. */
  isDoubled: boolean;
  reads: boolean;
  cancel?: { key: string; afterMs: number };
  adjust?: { key: string; sku: string; delta: number };
};

const products = 40;
const scarceEvery = 8;
export const customers = 8;

/** Some sell out on the way. The last is the canary's. */
export function planProducts(orders: number): Product[] {
  const scarce = Math.max(5, Math.ceil(orders / 50));
  const shelf = Array.from({ length: products }, (_, index) => ({
    sku: `CHAOS-${index}`,
    initialStock: index % scarceEvery === 0 ? scarce : orders * 10 + 1_000,
  }));
  return [...shelf, { sku: canarySku, initialStock: 100_000 }];
}

export const canarySku = "CHAOS-CANARY";

/** The same seed makes the same visits, keys included. */
export function planVisits(seed: number, orders: number): Visit[] {
  const random = createRandom(seed ^ 0x5eed);
  const sku = () => `CHAOS-${random.whole(0, products - 1)}`;
  return Array.from({ length: orders }, (_, n) => {
    const mark = `chaos ${seed}-${n}`;
    const lines: Line[] = [
      ...new Set([sku(), ...(random.isTrue(0.5) ? [sku()] : []), ...(random.isTrue(0.2) ? [sku()] : [])]),
    ].map((each) => ({ sku: each, quantity: random.whole(1, 3) }));
    const request = { idempotencyKey: random.uuid(), lines, shippingAddress: addressOf(mark) };
    const visit: Visit = {
      mark,
      customer: random.whole(0, customers - 1),
      request,
      isDoubled: random.isTrue(0.05),
      reads: random.isTrue(0.4),
    };
    if (random.isTrue(0.12)) visit.cancel = { key: random.uuid(), afterMs: random.whole(0, 1_500) };
    if (random.isTrue(0.06)) visit.adjust = { key: random.uuid(), sku: sku(), delta: random.pick([-2, -1, 1, 3, 5]) };
    return visit;
  });
}

/** The mark stands in the address, so that an order can be traced to its visit without the system's own keys. */
export function addressOf(mark: string) {
  return { ...anAddress, line2: mark };
}
