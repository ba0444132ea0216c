import { Refusal, Unavailable } from "../errors.ts";

export type SubscriptionSeats = {
  /** Held until it is disposed. Throws too_many_subscriptions for this caller, or Unavailable when all are taken. */
  take(callerId: string): Disposable;
  readonly taken: number;
};

type Options = { maxPerCaller: number; max: number };

const retryAfterS = 5;

/** How many subscriptions this process serves, and how many of them one caller may have. */
export function createSubscriptionSeats({ maxPerCaller, max }: Options): SubscriptionSeats {
  const byCaller = new Map<string, number>();
  let taken = 0;

  function giveBack(callerId: string): void {
    taken--;
    const left = (byCaller.get(callerId) ?? 0) - 1;
    if (left > 0) byCaller.set(callerId, left);
    else byCaller.delete(callerId);
  }

  return {
    get taken() {
      return taken;
    },
    take(callerId) {
      const own = byCaller.get(callerId) ?? 0;
      if (own >= maxPerCaller)
        throw new Refusal("too_many_subscriptions", `A caller may have ${maxPerCaller} subscriptions at once`);
      if (taken >= max) throw new Unavailable("overloaded", `${max} subscriptions are served already`, { retryAfterS });
      taken++;
      byCaller.set(callerId, own + 1);
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) giveBack(callerId);
          isHeld = false;
        },
      };
    },
  };
}
