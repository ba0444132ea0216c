import { afterEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { hasMosquitto } from "../testing/test-broker.ts";
import { prepareBroker } from "./broker.ts";
import { preparePostgresCluster } from "./postgres-cluster.ts";
import { makeReachableFolder, reachableFolder } from "./reachable-folder.ts";
import { unprivilegedUser } from "./unprivileged-user.ts";

const isRoot = process.getuid?.() === 0;
const stranger = 54_321;
let made: string | undefined;

afterEach(() => {
  if (made) rmSync(made, { recursive: true, force: true });
});

/** Where the user works, who cannot enter the wanted folder: only root can enter that of a test. */
function somewhereElse(user = unprivilegedUser(["postgres", "nobody"])) {
  const wanted = join(temporaryFolder(), "part");
  made = reachableFolder(wanted, user);
  expect(dirname(made)).toBe("/var/tmp");
  return { wanted, folder: made, user };
}

function aFolderOf(owner: number, mode: number) {
  return (folder: string) => {
    mkdirSync(folder);
    writeFileSync(join(folder, "password"), "known");
    chownSync(folder, owner, owner);
    chmodSync(folder, mode);
  };
}

const foreign: [string, (folder: string) => void][] = [
  ["a stranger's folder", aFolderOf(stranger, 0o700)],
  ["a folder that all can write to", aFolderOf(0, 0o777)],
  ["a folder that a group can write to", aFolderOf(0, 0o720)],
  ["a link", (folder) => symlinkSync(temporaryFolder(), folder)],
  ["a file", (folder) => writeFileSync(folder, "", { mode: 0o600 })],
];

describe.if(isRoot)("for root, under /var/tmp", () => {
  test("a folder is made for the user alone, and found again", () => {
    const { wanted, folder, user } = somewhereElse();
    for (const _start of ["first", "second"]) {
      expect(makeReachableFolder(wanted, user)).toBe(folder);
      expect(statSync(folder)).toMatchObject({ uid: user?.uid, mode: 0o040700 });
    }
    expect(reachableFolder(wanted, user)).toBe(folder);
  });

  test.each([0o700, 0o755])("one that root has made with mode %d goes to the user, closed to all others", (mode) => {
    const { wanted, folder, user } = somewhereElse();
    mkdirSync(folder, { mode });
    makeReachableFolder(wanted, user);
    expect(statSync(folder)).toMatchObject({ uid: user?.uid ?? 0, mode: 0o040700 });
  });

  test.each(foreign)("%s is refused before anything in it is read or changed", async (_name, make) => {
    const { wanted, folder, user } = somewhereElse();
    make(folder);
    const before = statSync(folder);
    await expect(preparePostgresCluster(wanted)).rejects.toThrow("may be somebody else's");
    expect(() => reachableFolder(wanted, user)).toThrow(folder);
    expect(statSync(folder)).toMatchObject({ uid: before.uid, mode: before.mode, mtimeMs: before.mtimeMs });
  });

  test.if(hasMosquitto())("no file of root's is written through a link that a stranger laid for the broker", () => {
    const { wanted, folder } = somewhereElse(unprivilegedUser(["mosquitto", "nobody"]));
    const file = join(temporaryFolder(), "of-root");
    writeFileSync(file, "as it was");
    aFolderOf(stranger, 0o755)(folder);
    symlinkSync(file, join(folder, "mosquitto.conf"));
    expect(() => prepareBroker({ kind: "mosquitto", folder: wanted, port: 1, users: [] })).toThrow(
      "may be somebody else's",
    );
    expect([readFileSync(file, "utf8"), statSync(file).uid]).toEqual(["as it was", 0]);
    expect(readdirSync(folder).sort()).toEqual(["mosquitto.conf", "password"]);
  });
});
