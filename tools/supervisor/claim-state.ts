import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type FileLock, takeFileLock } from "../embedded/file-lock.ts";
import { UsageError } from "../install/usage-error.ts";
import { readRunFile } from "./run-file.ts";

/** Makes this process the only supervisor of the state folder, until it ends. Throws a UsageError when another is. */
export async function claimState(stateFolder: string): Promise<FileLock> {
  refuseForeignFolder(stateFolder);
  const lock = await takeFileLock(join(stateFolder, "up.lock"));
  if (lock) return lock;
  const pid = readRunFile()?.supervisor.pid;
  throw new UsageError(`It runs already${pid ? ` (process ${pid})` : ""} from this folder. Stop it with: bun run down`);
}

/** True while some supervisor holds the state folder. */
export async function isClaimed(stateFolder: string): Promise<boolean> {
  const lock = await takeFileLock(join(stateFolder, "up.lock"));
  lock?.release();
  return lock === undefined;
}

function refuseForeignFolder(stateFolder: string): void {
  try {
    mkdirSync(stateFolder, { recursive: true });
    accessSync(stateFolder, constants.W_OK);
  } catch {
    throw new UsageError(
      `${stateFolder} cannot be written by this user. Was it made by another one, root perhaps? Give it away (chown -R) or remove it.`,
    );
  }
}
