import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { serviceNames } from "../service-names.ts";
import { UsageError } from "../usage-error.ts";

export const manifestName = "manifest.json";

const TableCopy = z.object({
  schema: z.string(),
  name: z.string(),
  /** With the type of each, as SQL writes it. */
  columns: z.array(z.object({ name: z.string(), type: z.string() })).min(1),
  rows: z.int().min(0),
  file: z.string().regex(/^[\w.-]+\/[\w.-]+\.rows\.gz$/),
  sha256: z.string(),
});
const Sequence = z.object({ schema: z.string(), name: z.string(), lastValue: z.string().regex(/^-?\d+$/) });
const ServiceCopy = z.object({
  /** Hashes of the migrations that made the tables, in order. */
  migrations: z.array(z.string()),
  tables: z.array(TableCopy),
  sequences: z.array(Sequence),
});
const Manifest = z.object({
  format: z.literal(1),
  startedAt: z.iso.datetime(),
  takenAt: z.iso.datetime(),
  services: z.record(z.enum(serviceNames), ServiceCopy),
});

export type TableCopy = z.infer<typeof TableCopy>;
export type Sequence = z.infer<typeof Sequence>;
export type ServiceCopy = z.infer<typeof ServiceCopy>;
export type Manifest = z.infer<typeof Manifest>;

/** Throws a UsageError when the folder holds no backup, or one of a form that is not known here. */
export function readManifest(folder: string): Manifest {
  let text: string;
  try {
    text = readFileSync(join(folder, manifestName), "utf8");
  } catch {
    throw new UsageError(`${folder} holds no finished backup: it has no ${manifestName}.`);
  }
  const manifest = Manifest.safeParse(JSON.parse(text));
  if (manifest.success) return manifest.data;
  throw new UsageError(`${join(folder, manifestName)} is not of a form that this version knows.`);
}
