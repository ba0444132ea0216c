export type EventuallyOptions = {
  timeoutMs?: number;
  /** Between two tries. When absent a tenth of the time waited so far, 20 to 200 ms: long waits cost others little. */
  intervalMs?: number;
};

/** Less than the twenty seconds of a test, so that the reason is told and not only the time. */
const defaultTimeoutMs = 15_000;

/**
 * Asks again until the answer is truthy and nothing was thrown, and gives that answer back. An assertion that
 * answers undefined counts as met. Past `timeoutMs` it throws what the last try threw.
 */
export async function eventually<T>(check: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { timeoutMs = defaultTimeoutMs, intervalMs } = options;
  const startedAt = Date.now();
  for (;;) {
    const outcome = await attempt(check);
    if (outcome.isMet) return outcome.answer;
    const waitedMs = Date.now() - startedAt;
    if (waitedMs >= timeoutMs) throw outcome.error;
    await Bun.sleep(intervalMs ?? Math.min(Math.max(waitedMs / 10, 20), 200));
  }
}

async function attempt<T>(
  check: () => T | Promise<T>,
): Promise<{ isMet: true; answer: T } | { isMet: false; error: unknown }> {
  try {
    const answer = await check();
    if (answer || answer === undefined) return { isMet: true, answer };
    return { isMet: false, error: new Error(`eventually: the last answer was ${JSON.stringify(answer)}`) };
  } catch (error) {
    return { isMet: false, error };
  }
}
