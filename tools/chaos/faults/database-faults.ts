import { SQL } from "bun";

const filled = 400;
const evicted = 12;

/** Ends every session of the services, in whatever they do. Answers how many there were. */
export async function terminateSessions(adminUrl: string): Promise<number> {
  const sql = new SQL(adminUrl, { max: 1, connectionTimeout: 5 });
  try {
    const ended = await sql`
      select pg_terminate_backend(pid) from pg_stat_activity where usename <> 'postgres' and pid <> pg_backend_pid()`;
    return ended.length;
  } finally {
    await sql.close({ timeout: 0 });
  }
}

/**
 * Takes all connections that the server has left, ends a few of the services' and takes those as well: who lost one
 * gets none until this lets go. Answers how many it holds.
 */
export async function fillConnections(adminUrl: string, forMs: number): Promise<number> {
  const pools = Array.from(
    { length: filled },
    () => new SQL(adminUrl, { max: 1, connectionTimeout: 3, idleTimeout: 0 }),
  );
  try {
    const held = await holdWhenReachable(pools);
    const [first] = held;
    if (first)
      await first`
        select pg_terminate_backend(pid) from (
          select pid from pg_stat_activity where usename <> 'postgres' order by backend_start limit ${evicted}
        ) victims`.catch(() => undefined);
    const more = await holdAll(pools.filter((pool) => !held.includes(pool)).slice(0, evicted));
    if (held.length === 0) throw new Error("no connection was to be had");
    await Bun.sleep(forMs);
    return held.length + more.length;
  } finally {
    await Promise.all(pools.map((pool) => pool.close({ timeout: 0 }).catch(() => undefined)));
  }
}

const reachableTimeoutMs = 15_000;

/** It may be recovering from the fault before this one. */
async function holdWhenReachable(pools: SQL[]): Promise<SQL[]> {
  const deadline = performance.now() + reachableTimeoutMs;
  for (;;) {
    const held = await holdAll(pools);
    if (held.length > 0 || performance.now() > deadline) return held;
    await Bun.sleep(250);
  }
}

const together = 20;

/** Those that got a connection; it stops asking when the server has no more. */
async function holdAll(pools: SQL[]): Promise<SQL[]> {
  const held: SQL[] = [];
  for (let from = 0; from < pools.length; from += together) {
    const some = pools.slice(from, from + together);
    const got = await Promise.all(some.map((pool) => pool`select 1`.then(() => pool).catch(() => undefined)));
    held.push(...got.filter((pool) => pool !== undefined));
    if (got.includes(undefined)) break;
  }
  return held;
}
