import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folders = (parent: string) => readdirSync(parent).filter((name) => name.startsWith("orderflow-test-"));

/** Runs this as a test file, with a temporary directory of its own. */
async function runAlone(script: string, temporary: string): Promise<number> {
  const place = temporaryFolder();
  const file = join(place, "planted.test.ts");
  const helper = join(import.meta.dir, "temporary-folder.ts");
  writeFileSync(
    file,
    `import { afterAll, expect, test } from "bun:test";\nimport { temporaryFolder } from "${helper}";\n${script}`,
  );
  const preload = join(repositoryRoot, "tools/testing/preload.ts");
  const child = Bun.spawn([process.execPath, "test", "--preload", preload, file], {
    cwd: place,
    env: { ...process.env, TMPDIR: temporary, TEST_DATABASE_URL: "postgres://none", TEST_MQTT_URL: "mqtt://none" },
    stdio: ["ignore", "ignore", "ignore"],
  });
  return child.exited;
}

test("a folder is gone though its test failed, ran out of time, and a hook threw", async () => {
  const temporary = temporaryFolder();
  const script = `
    afterAll(() => { throw new Error("a hook"); });
    test("fails", () => { require("node:fs").writeFileSync(temporaryFolder() + "/kept", ""); expect(1).toBe(2); });
    test("hangs", async () => { temporaryFolder(); await new Promise(() => {}); }, 20);`;
  expect(await runAlone(script, temporary)).not.toBe(0);
  expect(folders(temporary)).toEqual([]);
});

test("what a killed run left is removed an hour later, and what lives is not", async () => {
  const temporary = temporaryFolder();
  const ended = Bun.spawn(["true"]);
  await ended.exited;
  const at = (name: string, hoursAgo: number) => {
    const folder = join(temporary, `orderflow-test-${name}`);
    mkdirSync(folder);
    const seconds = Date.now() / 1_000 - hoursAgo * 3_600;
    utimesSync(folder, seconds, seconds);
    return folder;
  };
  const old = at(`${ended.pid}-old`, 2);
  const kept = [at(`${ended.pid}-new`, 0.5), at(`${process.pid}-old`, 2)];
  await runAlone('test("nothing", () => {});', temporary);
  expect(existsSync(old)).toBe(false);
  expect(kept.filter((folder) => existsSync(folder))).toEqual(kept);
});
