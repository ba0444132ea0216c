import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Runs `work` while no other process holds the lock. SQLite takes it with the kernel's own file locks, so it is
 * free again the moment its holder dies, however it dies. Throws when the lock is still taken after `timeoutMs`.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, timeoutMs = 60_000): Promise<T> {
  const lock = await takeFileLock(path, timeoutMs);
  if (!lock) throw new Error(`${path} is still locked by another process after ${timeoutMs / 1_000} s`);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

export type FileLock = { release(): void };

/** Takes the lock and keeps it; undefined when another process has it past `timeoutMs`. */
export async function takeFileLock(path: string, timeoutMs = 0): Promise<FileLock | undefined> {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = Date.now() + timeoutMs;
  const database = new Database(path, { create: true });
  for (;;) {
    try {
      database.run("begin exclusive");
      return { release: () => database.close() };
    } catch (error) {
      if (!String(error).includes("locked") || Date.now() >= deadline) {
        database.close();
        if (String(error).includes("locked")) return undefined;
        throw error;
      }
      await Bun.sleep(20);
    }
  }
}
