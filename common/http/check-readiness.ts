export type Checks = Record<string, () => Promise<void>>;
export type Readiness = {
  status: "ready" | "not_ready" | "stopping";
  checks: Record<string, { ok: boolean; error?: string }>;
};

const checkTimeoutMs = 2_000;

/** Runs all checks at once; one that throws, or takes more than two seconds, makes the service not ready. */
export async function checkReadiness(checks: Checks, isStopping: boolean): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const),
  );
  const isReady = results.every(([, result]) => result.ok);
  const status = isStopping ? "stopping" : isReady ? "ready" : "not_ready";
  return { status, checks: Object.fromEntries(results) };
}

async function runCheck(check: () => Promise<void>): Promise<{ ok: boolean; error?: string }> {
  const overdue = Promise.withResolvers<never>();
  const timer = setTimeout(() => overdue.reject(new Error(`no answer within ${checkTimeoutMs} ms`)), checkTimeoutMs);
  try {
    await Promise.race([check(), overdue.promise]);
    return { ok: true };
  } catch (error) {
    // A driver's message may hold a host or a user, but never a password; orchestrators alone read this port.
    return { ok: false, error: error instanceof Error ? error.message.slice(0, 200) : "failed" };
  } finally {
    clearTimeout(timer);
  }
}
