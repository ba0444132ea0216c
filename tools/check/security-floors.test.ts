import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { compareWithFloors, type SecurityFloors, type Versions } from "./security-floors.ts";

const floors = JSON.parse(readFileSync(join(repositoryRoot, "security-floors.json"), "utf8")) as SecurityFloors;

/** As bun writes it: nested copies of a package have the path of who brought them. */
function lockOf(versions: Record<string, string>, more: string[] = []): string {
  const entries = Object.entries(versions).map(
    ([name, version]) => `    "${name}": ["${name}@${version}", "", {}, "sha512-x"],`,
  );
  return ['  "packages": {', ...entries, ...more, "  }"].join("\n\n");
}

const safe = Object.fromEntries(floors.packages.map(({ name, floor }) => [name, floor]));
const versions = (changes: Partial<Versions>): Versions => ({
  lock: lockOf(safe),
  bun: ["1.4.5"],
  postgresql: [],
  mosquitto: [],
  ...changes,
});

test("the floors themselves are safe", () => {
  expect(compareWithFloors(floors, versions({}))).toEqual({ errors: [], warnings: [] });
});

test.each([
  ["elysia", "1.4.28"],
  ["@trpc/server", "11.7.99"],
  ["better-auth", "1.7.9"],
  ["drizzle-orm", "0.45.1"],
  ["nodemailer", "9.99.0"],
])("%s %s fails", (name, version) => {
  const { errors } = compareWithFloors(floors, versions({ lock: lockOf({ ...safe, [name]: version }) }));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toStartWith(`${name} ${version} is below`);
});

test("a second copy of a package, below another, fails too", () => {
  const nested = '    "some/drizzle-orm": ["drizzle-orm@0.30.0", "", {}, "sha512-x"],';
  const { errors } = compareWithFloors(floors, versions({ lock: lockOf(safe, [nested]) }));
  expect(errors).toHaveLength(1);
});

test("a package that is no longer there, and an old Bun, fail", () => {
  const { elysia: _, ...rest } = safe;
  const { errors } = compareWithFloors(floors, versions({ lock: lockOf(rest), bun: ["1.4.3"] }));
  expect(errors.map((error) => error.slice(0, 20))).toEqual(["elysia is not in bun", "Bun 1.4.3 is below 1"]);
});

test.each([
  ["18.4.0-beta.17", 1],
  ["18.7", 0],
  ["17.11", 1],
  ["17.12", 0],
  ["16.16", 0],
  ["15.19", 1],
  ["14.23", 1],
])("PostgreSQL %s warns %p times", (version, count) => {
  const { errors, warnings } = compareWithFloors(floors, versions({ postgresql: [{ where: "test", version }] }));
  expect([errors.length, warnings.length]).toEqual([0, count]);
});

test.each([
  ["2.0.11", 1],
  ["2.0.22", 0],
  ["2.1.2", 0],
])("Mosquitto %s warns %p times", (version, count) => {
  expect(compareWithFloors(floors, versions({ mosquitto: [{ where: "test", version }] })).warnings).toHaveLength(count);
});
