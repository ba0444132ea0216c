import type { SQL } from "bun";

/** The client that rate-limiter-flexible counts through, in the table `rate_limit`. */
export function sharedCounters(sql: SQL) {
  return {
    // The text is the library's own and constant; whom it counts is among the values.
    query: async ({ text, values }: { text: string; values: unknown[] }): Promise<{ rows: unknown[] }> => ({
      rows: await sql.unsafe(text, values),
    }),
  };
}
