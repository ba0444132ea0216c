import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../install/usage-error.ts";
import { canEnter, giveTo, type SystemUser } from "./unprivileged-user.ts";

/** Everybody may make folders here, also ones with the names of ours. */
const sharedFolder = "/var/tmp";

/**
 * The wanted folder, or one of its own under /var/tmp when the user that will work there cannot enter it. Throws
 * UsageError when somebody else has made that one.
 */
export function reachableFolder(wantedFolder: string, user: SystemUser | undefined): string {
  const wanted = resolve(wantedFolder);
  mkdirSync(dirname(wanted), { recursive: true });
  if (canEnter(user, dirname(wanted))) return wanted;
  const folder = join(sharedFolder, `orderflow-${basename(wanted)}-${Bun.hash(wanted).toString(36)}`);
  refuseForeignFolder(folder, user);
  return folder;
}

/** The same folder, which is there then and the user's. */
export function makeReachableFolder(wantedFolder: string, user: SystemUser | undefined): string {
  const folder = reachableFolder(wantedFolder, user);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  // Somebody may have been quicker since it was looked at.
  if (dirname(folder) === sharedFolder) {
    refuseForeignFolder(folder, user);
    chmodSync(folder, 0o700);
  }
  giveTo(user, folder);
  return folder;
}

/** What is in a folder that others can write to would be believed: passwords, programs, links to files of root. */
function refuseForeignFolder(folder: string, user: SystemUser | undefined): void {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found) return;
  const owners = [process.getuid?.(), user?.uid].filter((uid) => uid !== undefined);
  if (found.isDirectory() && owners.includes(found.uid) && (found.mode & 0o022) === 0) return;
  throw new UsageError(
    `${folder} may be somebody else's: it must be a folder, no link, owned by user ${owners.join(" or ")} and writable by nobody else. Look at what it is before you remove it.`,
  );
}
