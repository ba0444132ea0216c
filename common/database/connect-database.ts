import { SQL, type TransactionSQL } from "bun";
import { withSpan } from "../observability/tracing.ts";
import { type Deadline, withDeadline } from "./deadline.ts";
import { beginCounted } from "./pool-use.ts";
import { isFault } from "./sql-error.ts";

type Options = {
  url: string;
  /** Connections, at most. */
  max: number;
  /** Shown by PostgreSQL as application_name. */
  name: string;
};

/**
 * PostgreSQL keeps the plan of a prepared statement that it made while the tables were small: to read them whole. What the
 * services ask has an index to answer it, so those plans are ruled out where there is another.
 */
const byIndex = { enable_seqscan: "off", enable_hashjoin: "off", enable_mergejoin: "off", random_page_cost: "1.1" };

/**
 * A pool that connects when first used. A statement may take 8 s. A transaction may idle 2 s: a frozen process
 * would otherwise hold a stream's row, and so all its writers.
 */
export function connectDatabase({ url, max, name }: Options): SQL {
  return new SQL({
    url,
    max,
    connectionTimeout: 5,
    connection: {
      application_name: name.slice(0, 63),
      statement_timeout: "8s",
      idle_in_transaction_session_timeout: "2s",
      ...byIndex,
    },
  });
}

/** One READ COMMITTED transaction, rolled back when `work` throws. It has 10 s; past them the process exits. */
export function transact<T>(
  sql: SQL,
  work: (tx: TransactionSQL) => Promise<T>,
  deadline?: Partial<Deadline>,
): Promise<T> {
  return withSpan("transaction", { kind: "client", attributes: { "db.system.name": "postgresql" } }, () =>
    withDeadline<T>(beginCounted(sql, work), { name: "A transaction", ...deadline }),
  );
}

const reachableTimeoutMs = 20_000;
const reachablePollMs = 250;

/** Services and their database start in any order, and PostgreSQL recovers for a while after a crash. */
async function untilReachable(sql: SQL): Promise<void> {
  const deadline = performance.now() + reachableTimeoutMs;
  for (;;) {
    try {
      await sql`select 1`;
      return;
    } catch (error) {
      if (!isFault(error) || performance.now() > deadline) throw error;
      await Bun.sleep(reachablePollMs);
    }
  }
}

/**
 * Waits for PostgreSQL, at most 20 s. Throws when it stays away, or when it may forget what it acknowledged: an event that was published and then lost would fork its
 * stream. `allowUnsafe` is for databases that are thrown away.
 */
export async function assertDurable(sql: SQL, { allowUnsafe = false }: { allowUnsafe?: boolean } = {}): Promise<void> {
  await untilReachable(sql);
  if (allowUnsafe) return;
  const rows: { name: string; setting: string }[] = await sql`
    select name, setting from pg_settings
    where name in ('fsync', 'full_page_writes', 'synchronous_commit') and setting = 'off' order by name`;
  if (rows.length === 0) return;
  const settings = rows.map((row) => `${row.name} = ${row.setting}`).join(", ");
  throw new Error(
    `PostgreSQL runs with ${settings} and may lose committed orders: switch it on, or set ALLOW_UNSAFE_DATABASE=true for a database to throw away`,
  );
}
