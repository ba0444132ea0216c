import { requireWhole } from "./copy-table.ts";
import { type Manifest, readManifest } from "./manifest.ts";

/** What a folder holds. Throws a UsageError when it is no finished backup, or a file of it is not as it was written. */
export async function readWholeBackup(folder: string): Promise<Manifest> {
  const manifest = readManifest(folder);
  for (const { tables } of Object.values(manifest.services))
    for (const table of tables) await requireWhole(folder, table);
  return manifest;
}
