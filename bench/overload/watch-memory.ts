import { useOf } from "../support/process-use.ts";

const everyMs = 500;

/** Looks at what these processes hold, until it is asked for the most that each held, in MB. */
export function watchMemory(pids: Record<string, number>): () => Promise<Record<string, number>> {
  const most: Record<string, number> = {};
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      for (const [name, { memoryKb }] of Object.entries(await useOf(pids)))
        most[name] = Math.max(most[name] ?? 0, Math.round(memoryKb / 1_024));
      await Bun.sleep(everyMs);
    }
  })();
  // Told when it is asked for: should all end before, then for another reason, which is the one to tell.
  looking.catch(() => undefined);
  return async () => {
    isOver = true;
    await looking;
    return most;
  };
}
