import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";

export type Override = { file: string; folder: string };

type Compose = { services: Record<string, { volumes?: string[] }> };

/**
 * Writes what `compose.override.example.yaml` says, without the ports that it publishes, as any machine may have them in use, and
 * with a copy of inventory's folder, which may be changed.
 */
export function writeOverride(folder: string): Override {
  const text = readFileSync(join(repositoryRoot, "compose.override.example.yaml"), "utf8");
  const { postgres: _database, mosquitto: _broker, ...services } = (Bun.YAML.parse(text) as Compose).services;
  const copy = join(folder, "inventory");
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(repositoryRoot, "inventory"), copy, {
    recursive: true,
    filter: (path) => !path.endsWith("/node_modules"),
  });
  // What the image keeps of its own is mounted over it, and a read-only folder cannot be given one.
  mkdirSync(join(copy, "node_modules"));
  const mount = (volume: string) => volume.replace("./inventory:", `${copy}:`);
  const { inventory } = services;
  if (!inventory?.volumes?.some((volume) => mount(volume) !== volume)) throw new Error("inventory is not mounted");
  inventory.volumes = inventory.volumes.map(mount);
  const file = join(folder, "override.json");
  writeFileSync(file, JSON.stringify({ services }, null, 2));
  return { file, folder: copy };
}
