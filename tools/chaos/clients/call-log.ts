type Tried = { name: string; isAnswer: boolean; isFirst: boolean; elapsedMs: number };

export type Availability = {
  calls: number;
  answeredAtFirstTry: number;
  /** Between two answers to anybody. */
  longestGapMs: number;
};
export type Latency = { calls: number; p50Ms: number; p99Ms: number; maxMs: number };

/** What clients saw: how many calls were answered at once, and how long answers took. */
export type CallLog = ReturnType<typeof createCallLog>;

export function createCallLog() {
  const [latencies, firstTries] = [new Map<string, number[]>(), new Map<string, number[]>()];
  let [calls, answeredAtFirstTry, longestGapMs] = [0, 0, 0];
  let lastAnswerAt: number | undefined;
  let isOpen = true;

  return {
    tried({ name, isAnswer, isFirst, elapsedMs }: Tried): void {
      if (!isOpen) return;
      if (isFirst) calls++;
      if (!isAnswer) return;
      const now = performance.now();
      longestGapMs = Math.max(longestGapMs, now - (lastAnswerAt ?? now));
      lastAnswerAt = now;
      if (!isFirst) return;
      answeredAtFirstTry++;
      add(firstTries, name, elapsedMs);
    },
    /** With all the tries it took. */
    answered({ name, elapsedMs }: { name: string; elapsedMs: number }): void {
      if (isOpen) add(latencies, name, elapsedMs);
    },
    /** What comes now is no client's call any more. */
    close: () => {
      isOpen = false;
    },
    availability: (): Availability => ({ calls, answeredAtFirstTry, longestGapMs: Math.round(longestGapMs) }),
    latency: (): Record<string, Latency> =>
      Object.fromEntries([...latencies].sort().map(([name, values]) => [name, summary(values)])),
    firstTryLatency: (): Record<string, Latency> =>
      Object.fromEntries([...firstTries].sort().map(([name, values]) => [name, summary(values)])),
  };
}

function add(map: Map<string, number[]>, name: string, value: number): void {
  const values = map.get(name) ?? [];
  map.set(name, values);
  values.push(value);
}

function summary(values: number[]): Latency {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { calls: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
