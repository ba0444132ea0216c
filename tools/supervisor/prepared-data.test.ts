import { expect, test } from "bun:test";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { fingerprint } from "./prepared-data.ts";

function aCopyOfInventory(): string {
  const root = temporaryFolder();
  for (const part of ["migrate.ts", "seed.ts", "repositories"])
    cpSync(join(repositoryRoot, "inventory", part), join(root, "inventory", part), { recursive: true });
  return root;
}

test("a database is migrated and seeded again when a migration was added", () => {
  const root = aCopyOfInventory();
  const before = [fingerprint("migrate", "inventory", root), fingerprint("seed", "inventory", root)];
  expect(before).toEqual([fingerprint("migrate", "inventory"), fingerprint("seed", "inventory")]);
  writeFileSync(join(root, "inventory/repositories/migrations/9999_new.sql"), "select 1");
  expect(fingerprint("migrate", "inventory", root)).not.toBe(before[0] ?? "");
  expect(fingerprint("seed", "inventory", root)).not.toBe(before[1] ?? "");
});

test("other demo products are seeded, and nothing is migrated for them", () => {
  const root = aCopyOfInventory();
  writeFileSync(join(root, "inventory/repositories/demo-products.ts"), "");
  expect(fingerprint("seed", "inventory", root)).not.toBe(fingerprint("seed", "inventory"));
  expect(fingerprint("migrate", "inventory", root)).toBe(fingerprint("migrate", "inventory"));
});

test("a service without files to migrate with is an error, not one that is always up to date", () => {
  const root = temporaryFolder();
  mkdirSync(join(root, "inventory"));
  expect(() => fingerprint("migrate", "inventory", root)).toThrow("has no files to migrate with");
});
