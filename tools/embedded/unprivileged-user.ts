import { chownSync, readFileSync } from "node:fs";

export type SystemUser = { uid: number; gid: number };

/**
 * Whom PostgreSQL runs as: itself when we are a plain user (undefined), else `postgres` or `nobody`,
 * because it refuses to run as root. It must be a user of /etc/passwd: initdb looks its name up.
 */
export function unprivilegedUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entries = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of ["postgres", "nobody"]) {
    const fields = entries.find((entry) => entry.startsWith(`${name}:`))?.split(":");
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error(
    "PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody to run it as.",
  );
}

/** True when this user can enter the folder; root's home, for one, lets nobody else through. */
export function canEnter(user: SystemUser | undefined, folder: string): boolean {
  const script = 'cd "$1" && test -r .';
  const command = ["/bin/sh", "-c", script, "sh", folder];
  return Bun.spawnSync(command, { ...user, cwd: "/", stdout: "ignore", stderr: "ignore" }).exitCode === 0;
}

export function giveTo(user: SystemUser | undefined, path: string): void {
  if (user) chownSync(path, user.uid, user.gid);
}
