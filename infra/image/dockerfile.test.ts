import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { serviceNames } from "../service-names.ts";

const root = resolve(import.meta.dir, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const dockerfile = read("Dockerfile");
const { workspaces, packageManager } = JSON.parse(read("package.json")) as {
  workspaces: string[];
  packageManager: string;
};

test("the image's build sees the package.json of every workspace that the lock file names", () => {
  const ignored = read(".dockerignore").split("\n");
  for (const workspace of workspaces) {
    expect(dockerfile).toContain(`COPY ${workspace}/package.json ${workspace}/\n`);
    expect(ignored.includes(`!${workspace}`) || ignored.includes(`!${workspace}/package.json`)).toBe(true);
  }
});

test("every service is installed and copied, and tools are not", () => {
  for (const folder of ["common", "infra", ...serviceNames]) {
    expect(dockerfile).toContain(`--filter '@orderflow/${folder}'`);
    expect(dockerfile).toContain(`COPY ${folder} ${folder}\n`);
  }
  expect(dockerfile).not.toMatch(/COPY tools tools|--filter '@orderflow\/tools'/);
});

test("the image runs the Bun that the repository names", () => {
  const versions = [...dockerfile.matchAll(/^FROM oven\/bun:([\d.]+)/gm)].map(([, version]) => version);
  expect(new Set(versions)).toEqual(new Set([packageManager.replace("bun@", "")]));
});
