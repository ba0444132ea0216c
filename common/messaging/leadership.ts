import { SQL } from "bun";
import { withDeadline } from "../database/deadline.ts";
import type { Logger } from "../observability/logger.ts";

/** A lock that one process holds at a time. It saves work; what keeps events exactly-once is the cursor, not this. */
export type Leadership = { isHeld(): boolean; release(): Promise<void> };

const pollMs = 250;
const pingMs = 400;
/** Another holds the lock for this long only when its stream goes well. */
const steadyLeadMs = 5_000;
/** PostgreSQL ends the session of a frozen leader after this time, so that another can take over. */
const sessionTimeoutMs = 1_500;
/** Whoever has not heard from PostgreSQL for longer than that leads no more, as far as it can know. */
const silenceMs = 2_000;

type Options = {
  databaseUrl: string;
  name: string;
  logger: Logger;
  signal: AbortSignal;
  onLost: () => void;
  onOtherLeads?: () => void;
};

/**
 * Waits for an advisory lock on a connection of its own, whose end, for whatever reason, is the end of the leadership.
 * Answers undefined when the signal comes first.
 */
export async function acquireLeadership({
  databaseUrl,
  name,
  logger,
  signal,
  onLost,
  onOtherLeads,
}: Options): Promise<Leadership | undefined> {
  let isHeld = false;
  const lose = () => {
    if (!isHeld) return;
    isHeld = false;
    logger.warn({ lock: name }, "leadership lost");
    onLost();
  };
  const connection = new SQL({
    url: databaseUrl,
    max: 1,
    connectionTimeout: 5,
    idleTimeout: 0,
    maxLifetime: 0,
    connection: {
      application_name: `leader of ${name}`,
      idle_session_timeout: `${sessionTimeoutMs}ms`,
      statement_timeout: "8s",
    },
    onclose: lose,
  });
  const close = () => connection.close({ timeout: 0 }).catch(() => undefined);
  try {
    const pid = await waitForLock(connection, { name, signal, onOtherLeads });
    if (pid === undefined) {
      await close();
      return undefined;
    }
    isHeld = true;
    const ping = keepPinging(() => backendPid(connection).then((now) => now !== pid && lose(), lose), lose);
    return {
      isHeld: () => isHeld,
      async release() {
        ping.stop();
        isHeld = false;
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One at a time. `onSilence` is called while one has waited too long for its answer. */
function keepPinging(ping: () => Promise<unknown>, onSilence: () => void): { stop(): void } {
  let askedAt: number | undefined;
  const timer = setInterval(async () => {
    if (askedAt === undefined) {
      askedAt = performance.now();
      await ping();
      askedAt = undefined;
    } else if (performance.now() - askedAt > silenceMs) onSilence();
  }, pingMs);
  return { stop: () => clearInterval(timer) };
}

type Wait = Pick<Options, "name" | "signal"> & { onOtherLeads: (() => void) | undefined };

async function waitForLock(connection: SQL, { name, signal, onOtherLeads }: Wait): Promise<number | undefined> {
  const since = performance.now();
  while (!signal.aborted) {
    const row = await withDeadline(tryLock(connection, name), { name: `Asking for the lock "${name}"` });
    if (row?.locked) return row.pid;
    if (performance.now() - since > steadyLeadMs) onOtherLeads?.();
    await Bun.sleep(pollMs);
  }
  return undefined;
}

async function tryLock(connection: SQL, name: string): Promise<{ locked: boolean; pid: number } | undefined> {
  const [row]: { locked: boolean; pid: number }[] = await connection`
    select pg_try_advisory_lock(hashtextextended(${name}, 0)) as locked, pg_backend_pid() as pid`;
  return row;
}

async function backendPid(connection: SQL): Promise<number | undefined> {
  const [row]: { pid: number }[] = await connection`select pg_backend_pid() as pid`;
  return row?.pid;
}
