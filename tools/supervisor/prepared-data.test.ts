import { expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { createPreparedData, fingerprint } from "./prepared-data.ts";

const shared = ["bun.lock", "common/database/migrate-database.ts"];

function aCopyOfInventory(): string {
  const root = temporaryFolder();
  const own = ["migrate.ts", "seed.ts", "repositories"].map((part) => join("inventory", part));
  for (const part of [...own, ...shared]) cpSync(join(repositoryRoot, part), join(root, part), { recursive: true });
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

test.each(shared)("a database is migrated again, and not seeded, when %s came to migrate otherwise", (path) => {
  const root = aCopyOfInventory();
  const file = join(root, path);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(/graphile-worker(?=[@"])/g, "$&@9"));
  expect(fingerprint("migrate", "inventory", root)).not.toBe(fingerprint("migrate", "inventory"));
  expect(fingerprint("seed", "inventory", root)).toBe(fingerprint("seed", "inventory"));
});

test("another version of what makes no tables migrates nothing", () => {
  const root = aCopyOfInventory();
  const file = join(root, "bun.lock");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll("mqtt@", "mqtt@9"));
  expect(fingerprint("migrate", "inventory", root)).toBe(fingerprint("migrate", "inventory"));
});

test("what was forgotten stays forgotten for who comes next, as up does after a restore", () => {
  const folder = temporaryFolder();
  const before = createPreparedData(folder);
  before.note("migrate", "gateway");
  before.note("migrate", "order");
  createPreparedData(folder).forget("gateway");
  const after = createPreparedData(folder);
  expect([after.isDone("migrate", "gateway"), after.isDone("seed", "gateway")]).toEqual([false, false]);
  expect(after.isDone("migrate", "order")).toBe(true);
});
