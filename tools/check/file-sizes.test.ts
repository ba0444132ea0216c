import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";

const maxLines = 250;
/** A door's tests are one table of cases over one set-up, and are read a test at a time. */
const maxTestLines = 400;
const maxMedianLines = 100;

/** Files that may be longer, each with the reason. */
const exceptions: Record<string, string> = {};

function lineCounts(): { file: string; lines: number }[] {
  const listed = Bun.spawnSync(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
    cwd: repositoryRoot,
  });
  const files = listed.stdout
    .toString()
    .trim()
    .split("\n")
    .filter((file) => file !== "");
  return files.flatMap((file) => {
    try {
      return [{ file, lines: readFileSync(join(repositoryRoot, file), "utf8").trimEnd().split("\n").length }];
    } catch {
      return []; // Deleted, and not yet committed so.
    }
  });
}

test.skipIf(!Bun.which("git"))("no file is longer than a reader's patience", () => {
  const tooLong = lineCounts().filter(
    ({ file, lines }) => lines > (file.endsWith(".test.ts") ? maxTestLines : maxLines) && !exceptions[file],
  );
  expect(tooLong).toEqual([]);
});

test.skipIf(!Bun.which("git"))("the median file is comfortable", () => {
  const counts = lineCounts()
    .map(({ lines }) => lines)
    .sort((a, b) => a - b);
  expect(counts[Math.floor(counts.length / 2)] ?? 0).toBeLessThan(maxMedianLines);
});
