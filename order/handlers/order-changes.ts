import { Unavailable } from "@orderflow/common/errors";
import type { Event } from "@orderflow/common/messaging/event";

type OrderWatch = Disposable & {
  /** Resolves when the order may be past this version, or when the signal aborts. */
  changedSince(version: number, signal: AbortSignal | undefined): Promise<void>;
};

export type OrderChanges = {
  /** What this process has committed. */
  notify(events: Event[]): void;
  /** Begin to watch before reading the order, or a change in between is noticed late. Throws Unavailable past the bound. */
  watch(orderId: string): OrderWatch;
  close(): void;
};

type Options = {
  /** At which version each of these orders is. */
  versions: (orderIds: string[]) => Promise<Map<string, number>>;
  onError: (error: unknown) => void;
  pollMs?: number;
  maxWatches?: number;
};

type Watcher = { version: number; wake: () => void };

const maxIdsPerQuery = 1_000;

/**
 * Wakes those who watch an order: at once for this process's own commits, and for another's within `pollMs`, by one
 * query for all watched orders together.
 */
export function createOrderChanges({ versions, onError, pollMs = 1_000, maxWatches = 10_000 }: Options): OrderChanges {
  const watchers = new Map<string, Set<Watcher>>();
  let watchCount = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function schedule(): void {
    timer ??= setTimeout(() => void poll(), pollMs);
  }

  async function poll(): Promise<void> {
    const ids = [...watchers.keys()];
    try {
      for (let from = 0; from < ids.length; from += maxIdsPerQuery) {
        for (const [id, version] of await versions(ids.slice(from, from + maxIdsPerQuery))) {
          for (const watcher of watchers.get(id) ?? []) if (version > watcher.version) watcher.wake();
        }
      }
    } catch (error) {
      onError(error);
    }
    timer = undefined;
    if (watchers.size > 0) schedule();
  }

  function add(orderId: string, watcher: Watcher): void {
    if (watchCount >= maxWatches) {
      throw new Unavailable("overloaded", `${maxWatches} orders are watched already`, { retryAfterS: 5 });
    }
    watchCount++;
    watchers.set(orderId, (watchers.get(orderId) ?? new Set()).add(watcher));
    schedule();
  }

  function remove(orderId: string, watcher: Watcher): void {
    const ofOrder = watchers.get(orderId);
    if (!ofOrder?.delete(watcher)) return;
    watchCount--;
    if (ofOrder.size === 0) watchers.delete(orderId);
  }

  return {
    notify(events) {
      if (watchCount === 0) return;
      for (const { key } of events) for (const watcher of watchers.get(key) ?? []) watcher.wake();
    },
    watch(orderId) {
      const watcher: Watcher & { isWoken: boolean } = { version: 0, isWoken: false, wake: () => undefined };
      const rest = () => {
        watcher.wake = () => {
          watcher.isWoken = true;
        };
      };
      rest();
      add(orderId, watcher);
      return {
        async changedSince(version, signal) {
          watcher.version = version;
          if (!watcher.isWoken && !signal?.aborted) await woken(watcher, signal);
          watcher.isWoken = false;
          rest();
        },
        [Symbol.dispose]: () => {
          watcher.wake();
          remove(orderId, watcher);
        },
      };
    },
    close() {
      clearTimeout(timer);
      for (const ofOrder of watchers.values()) for (const watcher of ofOrder) watcher.wake();
      watchers.clear();
    },
  };
}

function woken(watcher: Watcher, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    watcher.wake = resolve;
    signal?.addEventListener("abort", () => resolve(), { once: true });
  });
}
