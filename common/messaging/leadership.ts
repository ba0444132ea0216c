import { SQL } from "bun";
import type { Logger } from "../observability/logger.ts";

/** A lock that one process holds at a time. It saves work; what keeps events exactly-once is the cursor, not this. */
export type Leadership = { isHeld(): boolean; release(): Promise<void> };

const pollMs = 250;
const pingMs = 400;
/** Another holds the lock for this long only when its stream goes well. */
const steadyLeadMs = 5_000;
/** PostgreSQL ends the session of a frozen leader after this time, so that another can take over. */
const sessionTimeoutMs = 1_500;

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
    const ping = setInterval(() => void backendPid(connection).then((now) => now !== pid && lose(), lose), pingMs);
    return {
      isHeld: () => isHeld,
      async release() {
        clearInterval(ping);
        isHeld = false;
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Wait = Pick<Options, "name" | "signal"> & { onOtherLeads: (() => void) | undefined };

async function waitForLock(connection: SQL, { name, signal, onOtherLeads }: Wait): Promise<number | undefined> {
  const since = performance.now();
  while (!signal.aborted) {
    const [row]: { locked: boolean; pid: number }[] = await connection`
      select pg_try_advisory_lock(hashtextextended(${name}, 0)) as locked, pg_backend_pid() as pid`;
    if (row?.locked) return row.pid;
    if (performance.now() - since > steadyLeadMs) onOtherLeads?.();
    await Bun.sleep(pollMs);
  }
  return undefined;
}

async function backendPid(connection: SQL): Promise<number | undefined> {
  const [row]: { pid: number }[] = await connection`select pg_backend_pid() as pid`;
  return row?.pid;
}
