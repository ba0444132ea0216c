import { rmSync } from "node:fs";
import { join } from "node:path";
import { brokerDiskFile } from "../../embedded/mosquitto-config.ts";
import { reachableFolder } from "../../embedded/reachable-folder.ts";
import { unprivilegedUser } from "../../embedded/unprivileged-user.ts";

/** What Mosquitto saved is gone. The embedded broker of Node keeps nothing on disk to begin with. */
export function wipeBrokerDisk(state: string): void {
  const home = reachableFolder(join(state, "broker"), unprivilegedUser(["mosquitto", "nobody"]));
  for (const name of [brokerDiskFile, `${brokerDiskFile}.new`]) rmSync(join(home, name), { force: true });
}
