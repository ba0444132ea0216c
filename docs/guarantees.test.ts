import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dir, "..");
const page = readFileSync(join(import.meta.dir, "guarantees.md"), "utf8");
const rows = page.split("\n").filter((line) => /^\| (?!promise|without|-)/.test(line));

type Proof = { file: string; name: string };

/** `path.test.ts`: "the test's name" */
function proofsOf(row: string): Proof[] {
  return [...row.matchAll(/`([^`]+\.test\.ts)`: "([^"]+)"/g)].map(([, file = "", name = ""]) => ({ file, name }));
}

function isThere({ file, name }: Proof): boolean {
  const path = join(root, file);
  return existsSync(path) && readFileSync(path, "utf8").includes(`"${name}"`);
}

describe("docs/guarantees.md", () => {
  test("has promises", () => {
    expect(rows.length).toBeGreaterThan(20);
  });

  test.each(rows.map((row) => [(row.split("|")[1] ?? "").trim().slice(0, 100), row]))("%s", (_, row) => {
    const proofs = proofsOf(row);
    expect(proofs).not.toEqual([]);
    expect(proofs.filter((proof) => !isThere(proof))).toEqual([]);
  });

  test("would notice a promise whose test is gone", () => {
    const gone = ["nobody", "wrote", "this"].join(" ");
    expect(isThere({ file: "docs/guarantees.test.ts", name: gone })).toBe(false);
    expect(isThere({ file: "docs/nowhere.test.ts", name: "has promises" })).toBe(false);
    expect(isThere({ file: "docs/guarantees.test.ts", name: "has promises" })).toBe(true);
  });
});
