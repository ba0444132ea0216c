import { mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { canEnter, type SystemUser } from "./unprivileged-user.ts";

/** The wanted folder, or one of its own under /var/tmp when the user that will work there cannot enter it. */
export function reachableFolder(wantedFolder: string, user: SystemUser | undefined): string {
  const wanted = resolve(wantedFolder);
  mkdirSync(dirname(wanted), { recursive: true });
  if (canEnter(user, dirname(wanted))) return wanted;
  return join("/var/tmp", `orderflow-${basename(wanted)}-${Bun.hash(wanted).toString(36)}`);
}
