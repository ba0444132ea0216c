import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ServiceName } from "../service-names.ts";
import { copyOut } from "./copy-table.ts";
import { type Connection, readMigrations, readSequences, readTables } from "./database-parts.ts";
import type { ServiceCopy } from "./manifest.ts";

/** Writes all that the service keeps into a folder of its own within the given one. */
export async function copyService(sql: Connection, folder: string, service: ServiceName): Promise<ServiceCopy> {
  mkdirSync(join(folder, service), { mode: 0o700 });
  const copied: ServiceCopy = { migrations: await readMigrations(sql), tables: [], sequences: [] };
  for (const table of await readTables(sql)) copied.tables.push(await copyOut(sql, { folder, service, table }));
  // Sequences belong to no view of the data: read last, they are past every number that was copied.
  copied.sequences = await readSequences(sql);
  return copied;
}
