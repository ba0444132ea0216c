import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { reachableFolder } from "../embedded/reachable-folder.ts";
import { unprivilegedUser } from "../embedded/unprivileged-user.ts";

/** What outlives a fresh start: it is not state of the shop, or somebody holds it open. */
const kept = new Set(["peers", "test", "up.lock", "up.log"]);

/** Forgets all that earlier runs left. Nothing of it may be running. */
export function forgetState(stateFolder: string): void {
  if (!existsSync(stateFolder)) return;
  // Parts whose user cannot enter the state folder live elsewhere.
  const homes = [
    reachableFolder(join(stateFolder, "postgres"), unprivilegedUser(["postgres", "nobody"])),
    reachableFolder(join(stateFolder, "broker"), unprivilegedUser(["mosquitto", "nobody"])),
  ];
  const entries = readdirSync(stateFolder).filter((name) => !kept.has(name));
  for (const path of [...homes, ...entries.map((name) => join(stateFolder, name))])
    rmSync(path, { recursive: true, force: true });
}
