import { AsyncLocalStorage } from "node:async_hooks";
import { isFault } from "@orderflow/common/database/sql-error";
import type { accountsStore } from "../../repositories/accounts-store.ts";

type Store = ReturnType<typeof accountsStore>;

const noted = new AsyncLocalStorage<unknown[]>();

/** `store`, whose faults `refusingFaults` learns of. Its adapter stays the object that the library's check of tables goes by. */
export function notingFaults(store: Store): Store {
  return (options) => {
    const adapter = store(options);
    for (const [name, member] of Object.entries(adapter)) Reflect.set(adapter, name, noting(member));
    return adapter;
  };
}

/**
 * What `work` gives, unless the store failed in it: then that fault is thrown. The library takes a session that it could not
 * read for one that has ended, and one that it could not delete for deleted.
 */
export async function refusingFaults<T>(work: () => Promise<T>): Promise<T> {
  const faults: unknown[] = [];
  const answer = await noted.run(faults, work);
  if (faults.length > 0) throw faults[0];
  return answer;
}

function noting(member: unknown): unknown {
  if (typeof member !== "function") return member;
  return async (...given: unknown[]) => {
    try {
      return await member(...given);
    } catch (error) {
      if (isFault(error)) noted.getStore()?.push(error);
      throw error;
    }
  };
}
