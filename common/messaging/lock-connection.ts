import { SQL } from "bun";
import { withDeadline } from "../database/deadline.ts";

/** A connection of its own that holds advisory locks, all of which are gone when it ends. */
export type LockConnection = {
  isOver(): boolean;
  /** Tries these locks, and finds out whether the others are still held. Answers which of these are held now. */
  ask(names: string[]): Promise<Set<string>>;
  unlock(name: string): Promise<void>;
  /** What is under way rejects with the error. */
  end(error: Error): Promise<void>;
};

type Options = { databaseUrl: string; instance: string; onEnd: (error: Error) => void };

/** PostgreSQL ends the session of a frozen holder after this time, so that another can take over. */
const sessionTimeoutMs = 1_500;
/** Whoever has not heard from PostgreSQL for longer than that holds nothing any more, as far as it can know. */
const silenceMs = 2_000;

/** `onEnd` is called once, whoever ends it. It must be asked at least once a second. */
export function openLockConnection({ databaseUrl, instance, onEnd }: Options): LockConnection {
  const name = `leader ${instance}`;
  const underWay = new Set<(error: Error) => void>();
  let pid: number | undefined;
  let over: Error | undefined;
  const connection = new SQL({
    url: databaseUrl,
    max: 1,
    connectionTimeout: 5,
    idleTimeout: 0,
    maxLifetime: 0,
    connection: {
      application_name: name,
      idle_session_timeout: `${sessionTimeoutMs}ms`,
      statement_timeout: "8s",
    },
    onclose: (error) => void end(error ?? new Error("the connection that holds the locks was closed")),
  });

  async function end(error: Error): Promise<void> {
    if (over) return;
    over = error;
    for (const reject of underWay) reject(error);
    onEnd(error);
    await connection.close({ timeout: 0 }).catch(() => undefined);
  }

  /** Not a race against a promise that lives as long as the connection: that keeps what each race came to. */
  async function orOver<T>(work: () => PromiseLike<T>): Promise<T> {
    if (over) throw over;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    underWay.add(reject);
    try {
      work().then(resolve, reject);
      return await promise;
    } finally {
      underWay.delete(reject);
    }
  }

  return {
    isOver: () => over !== undefined,
    async ask(names) {
      // Before the first answer there is nothing to lose: to connect may take longer.
      const silence = setTimeout(() => pid !== undefined && end(new Error("PostgreSQL is silent")), silenceMs);
      try {
        const asking = orOver(() => (names.length > 0 ? tryLocks(connection, names) : askForPid(connection)));
        const answer = await withDeadline(asking, { name: `Asking for the locks of ${name}` });
        pid ??= answer.pid;
        if (answer.pid !== pid) throw new Error("another session answered: the locks are gone");
        return answer.locked;
      } finally {
        clearTimeout(silence);
      }
    },
    async unlock(lock) {
      await orOver(() => connection`select pg_advisory_unlock(hashtextextended(${lock}, 0))`);
    },
    end,
  };
}

type Answer = { pid: number; locked: Set<string> };

async function tryLocks(connection: SQL, names: string[]): Promise<Answer> {
  const rows: { name: string; locked: boolean; pid: number }[] = await connection`
    select name, pg_try_advisory_lock(hashtextextended(name, 0)) as locked, pg_backend_pid() as pid
    from unnest(${connection.array(names, "TEXT")}) as name`;
  const locked = rows.filter((row) => row.locked).map(({ name }) => name);
  return { pid: rows[0]?.pid ?? 0, locked: new Set(locked) };
}

async function askForPid(connection: SQL): Promise<Answer> {
  const [row]: { pid: number }[] = await connection`select pg_backend_pid() as pid`;
  return { pid: row?.pid ?? 0, locked: new Set() };
}
