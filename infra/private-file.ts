import { renameSync, writeFileSync } from "node:fs";

/** Replaces the file in one step, so that a reader sees the old or the new text and never a half. Mode 0600. */
export function writePrivateFile(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}.unfinished`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  renameSync(unfinished, path);
}
