/** Numbers that look random and follow from the seed (mulberry32): a run can be repeated. */
export type Random = ReturnType<typeof createRandom>;

export function createRandom(seed: number) {
  let state = seed >>> 0;

  /** From 0 to less than 1. */
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  const between = (min: number, max: number) => min + next() * (max - min);
  const whole = (min: number, max: number) => Math.floor(between(min, max + 1));

  return {
    next,
    between,
    /** Both ends included. */
    whole,
    isTrue: (probability: number) => next() < probability,
    pick<T>(choices: readonly [T, ...T[]]): T {
      return choices[whole(0, choices.length - 1)] ?? choices[0];
    },
    shuffled<T>(values: readonly T[]): T[] {
      return values
        .map((value) => ({ value, order: next() }))
        .sort((a, b) => a.order - b.order)
        .map(({ value }) => value);
    },
    /** Shaped as a UUID of version 4. */
    uuid(): string {
      const hex = Array.from({ length: 32 }, () => whole(0, 15).toString(16)).join("");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
