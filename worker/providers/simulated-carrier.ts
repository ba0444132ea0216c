import { type Carrier, CarrierUnavailable } from "./carrier.ts";

type Options = {
  /** Of calls that fail, 0 to 1, for demonstrations. */
  failureRatio: number | (() => number);
  latencyMs: number;
  random?: () => number;
};

/** A carrier without parcels: the tracking number follows from the key alone, so that it remembers without a memory. */
export function simulatedCarrier({ failureRatio, latencyMs, random = Math.random }: Options): Carrier {
  const answer = async () => {
    await Bun.sleep(latencyMs);
    const ratio = typeof failureRatio === "function" ? failureRatio() : failureRatio;
    if (random() < ratio) throw new CarrierUnavailable("The simulated carrier is out of order");
  };
  return {
    async book({ idempotencyKey }) {
      await answer();
      return { carrier: "simulated", trackingNumber: trackingNumber(idempotencyKey) };
    },
    dispatch: answer,
    cancel: answer,
  };
}

/** "SIM" and 16 hex digits. */
function trackingNumber(idempotencyKey: string): string {
  const digest = new Bun.CryptoHasher("sha256").update(idempotencyKey).digest("hex");
  return `SIM${digest.slice(0, 16).toUpperCase()}`;
}
