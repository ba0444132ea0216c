import { Unavailable } from "@orderflow/common/errors";

/** The accounts' answer, or Unavailable past `deadlineMs`: a database that hangs must not hold every caller with it. */
export async function inTime<T>(answer: Promise<T>, deadlineMs: number): Promise<T> {
  const { promise: overdue, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Unavailable("dependency_unavailable", "Accounts do not answer", { retryAfterS: 1 }));
  }, deadlineMs);
  try {
    return await Promise.race([answer, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
