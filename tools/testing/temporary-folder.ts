import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../embedded/process-state.ts";
import { forgetState } from "../supervisor/fresh-start.ts";

const prefix = "orderflow-test-";
/** A process id says little about folders that other containers may have made, so these get time to end. */
const staleAfterMs = 60 * 60 * 1_000;
const made = new Set<string>();

/**
 * An empty folder of the caller's own, which only this user can enter. It is removed after the last test of the file,
 * whatever became of them.
 */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  made.add(folder);
  return folder;
}

/** The preload does this when all hooks of a file have run: one of the file's own would be left out when another throws. */
export function removeTemporaryFolders(): void {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
  made.clear();
}

/** Removes the folders of test runs that were killed. */
export function removeStaleFolders(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(prefix))) {
    if (isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    const folder = join(tmpdir(), name);
    const madeAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
    if (madeAt === undefined || Date.now() - madeAt < staleAfterMs) continue;
    forgetState(folder); // What the servers of a system could not keep in there lies elsewhere.
    rmSync(folder, { recursive: true, force: true });
  }
}
