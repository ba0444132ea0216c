type Answers<T extends readonly unknown[]> = { -readonly [Index in keyof T]: Awaited<T[Index]> };

/**
 * Awaits statements of one transaction that were sent without waiting for one another, in the order they were sent in.
 *
 * @throws what the first that failed was refused for. The others are refused because of it, and may be heard of before it.
 */
export async function allSent<T extends readonly unknown[]>(statements: readonly [...T]): Promise<Answers<T>> {
  const outcomes = await Promise.allSettled(statements);
  const failed = outcomes.find((outcome): outcome is PromiseRejectedResult => outcome.status === "rejected");
  if (failed) throw failed.reason;
  return outcomes.map((outcome) => outcome.status === "fulfilled" && outcome.value) as Answers<T>;
}
