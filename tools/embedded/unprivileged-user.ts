import { chownSync, readFileSync } from "node:fs";

export type SystemUser = { uid: number; gid: number };

/**
 * Whom a server runs as when we are root: the first of these users that exists. A plain user (undefined) runs it
 * itself. PostgreSQL refuses root and looks its user up in /etc/passwd, so no arbitrary number will do.
 */
export function unprivilegedUser(names: string[]): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entries = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const name of names) {
    const fields = entries.find((entry) => entry.startsWith(`${name}:`))?.split(":");
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error(`Servers do not run as root here, and none of the users ${names.join(", ")} exists to run them as.`);
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
