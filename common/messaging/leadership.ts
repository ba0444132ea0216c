import type { Logger } from "../observability/logger.ts";
import { openLockConnection } from "./lock-connection.ts";
import { createWaker } from "./waker.ts";

/** A lock that one process holds at a time. It saves work; what keeps events exactly-once is the cursor, not this. */
export type Leadership = { isHeld(): boolean; release(): Promise<void> };

/** All leaderships of a process, held by one connection. */
export type Leaderships = {
  /**
   * Waits for the lock of that name; undefined when the signal comes first. Rejects when the connection fails, and when
   * this process holds or awaits that lock already.
   */
  acquire(wanted: Wanted): Promise<Leadership | undefined>;
};

export type Wanted = {
  name: string;
  signal: AbortSignal;
  onLost: () => void;
  /** Called now and then while another process holds the lock for long. */
  onOtherLeads?: () => void;
};

const pollMs = 250;
const pingMs = 500;
/** Another holds the lock for this long only when its stream goes well. */
const steadyLeadMs = 5_000;

type Options = { databaseUrl: string; instance: string; logger: Logger };

/**
 * Advisory locks, all lost when the connection that holds them ends, for whatever reason. It is open while any of them is
 * held or awaited.
 */
export function createLeaderships(options: Options): Leaderships {
  let session: Session | undefined;
  return {
    acquire(wanted) {
      if (!session || session.isOver()) session = openSession(options);
      return session.acquire(wanted);
    },
  };
}

type Session = ReturnType<typeof openSession>;

type Wait = Wanted & {
  since: number;
  resolve: (leadership: Leadership | undefined) => void;
  reject: (error: Error) => void;
};

function openSession({ databaseUrl, instance, logger }: Options) {
  const waiting = new Map<string, Wait>();
  const held = new Map<string, Wanted>();
  const waker = createWaker();
  const connection = openLockConnection({ databaseUrl, instance, onEnd: loseAll });
  let isTended = false;

  function loseAll(error: Error): void {
    const [lost, refused] = [[...held], [...waiting.values()]];
    held.clear();
    waiting.clear();
    waker.wake();
    for (const [lock, { onLost }] of lost) {
      logger.warn({ lock }, "leadership lost");
      onLost();
    }
    for (const { reject } of refused) reject(error);
  }

  async function tend(): Promise<void> {
    if (isTended) return;
    isTended = true;
    try {
      while (held.size + waiting.size > 0) {
        const names = [...waiting.keys()];
        const locked = await connection.ask(names);
        for (const name of names) await settle(name, locked.has(name));
        await waker.wait(waiting.size > 0 ? pollMs : pingMs);
      }
      await connection.end(nobodyLeft());
    } catch (error) {
      await connection.end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async function settle(name: string, isLocked: boolean): Promise<void> {
    const wait = waiting.get(name);
    if (!isLocked) {
      if (wait && performance.now() - wait.since > steadyLeadMs) wait.onOtherLeads?.();
    } else if (wait) {
      waiting.delete(name);
      held.set(name, wait);
      wait.resolve({ isHeld: () => held.get(name) === wait, release: () => release(wait) });
    } else await connection.unlock(name);
  }

  async function release(leader: Wanted): Promise<void> {
    const { name } = leader;
    if (held.get(name) !== leader) return;
    held.delete(name);
    if (held.size + waiting.size > 0) return await connection.unlock(name).catch(connection.end);
    // Over at once, so that who wants a lock meanwhile opens a session without this one.
    await connection.end(nobodyLeft());
  }

  async function acquire(wanted: Wanted): Promise<Leadership | undefined> {
    const { name, signal } = wanted;
    if (held.has(name) || waiting.has(name)) throw new Error(`the lock "${name}" is held or awaited here already`);
    if (signal.aborted) return undefined;
    const { promise, resolve, reject } = Promise.withResolvers<Leadership | undefined>();
    const giveUp = () => {
      waiting.delete(name);
      waker.wake();
      resolve(undefined);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    waiting.set(name, { ...wanted, since: performance.now(), resolve, reject });
    waker.wake();
    void tend();
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  return { isOver: connection.isOver, acquire };
}

function nobodyLeft(): Error {
  return new Error("nobody leads or waits");
}
