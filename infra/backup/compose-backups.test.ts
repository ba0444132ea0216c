import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { SQL } from "bun";
import { serviceNames } from "../service-names.ts";
import { backUpAmong, restoreFromAmong } from "./compose-backups.ts";
import { requireFree } from "./restore-database.ts";

setDefaultTimeout(20_000);

type Shop = { databases: TestDatabase[]; gateway: TestDatabase; owners: string };

let shop: Shop;
let other: Shop;
const backups = temporaryFolder();
const said: string[] = [];
const log = (line: string) => void said.push(line);

beforeAll(async () => {
  [shop, other] = await Promise.all([aShop(), aShop()]);
}, 30_000);
afterAll(async () => {
  await Promise.all([...shop.databases, ...other.databases].map((database) => database.drop()));
});

async function aShop(): Promise<Shop> {
  const databases = await Promise.all(serviceNames.map((service) => createTestDatabase({ service })));
  const owners = temporaryFolder();
  for (const [index, service] of serviceNames.entries())
    writeFileSync(join(owners, `${service}-url`), databases[index]?.url ?? "");
  return { databases, gateway: databases[serviceNames.indexOf("gateway")] as TestDatabase, owners };
}

const backUp = (...args: string[]) => backUpAmong({ backups, owners: shop.owners, log }, args);
const restore = (...args: string[]) => restoreFromAmong({ backups, owners: other.owners, log }, args);

test("what was backed up is restored from where it lies, over what is there only when told to", async () => {
  await expect(restore("first")).rejects.toThrow("holds no finished backup");
  await expect(restore()).rejects.toThrow("Name the backup to restore. There is none.");
  await shop.gateway.sql`insert into "user" (id, name, email) values ('ann', 'Ann', 'ann@example.com')`;
  await backUp("first");
  await expect(backUp("first")).rejects.toThrow("is not empty");
  await restore("first");
  expect(said.at(-1)).toMatch(/^Restored as of 20.+Z\. Start the services/);
  const look = new SQL(other.gateway.url, { max: 1 });
  expect([...(await look`select name from "user"`)]).toEqual([{ name: "Ann" }]);
  await look.close();
  await expect(restore("first")).rejects.toThrow("is not empty (public.user). --force replaces what is there.");
  await restore("first", "--force");
});

test("one without a name is named after its moment, and told when none is named to restore", async () => {
  await backUp();
  const name = readdirSync(backups).find((entry) => entry.startsWith("20"));
  expect(name).toMatch(/^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d+Z$/);
  await expect(restore()).rejects.toThrow(new RegExp(`There are ${name}, first\\.`));
});

describe("is refused:", () => {
  test.each(["../first", "/etc", ".", "..", "-x y", "", "a".repeat(101)])("the name %p", async (name) => {
    await expect(backUp("--", name)).rejects.toThrow("The name of a backup has 1 to 100");
  });

  test("two names, and options that are none", async () => {
    await expect(backUp("a", "b")).rejects.toThrow("Name one backup, or none");
    await expect(backUp("--forced")).rejects.toThrow("--forced");
    await expect(restore("first", "--clean")).rejects.toThrow("--clean");
  });

  test("a database that a service is connected to, though its owner is not told what that service does", async () => {
    const suffix = crypto.randomUUID().slice(0, 8);
    const [owner, service] = [`owner_${suffix}`, `service_${suffix}`];
    const [admin] = other.databases;
    if (!admin) throw new Error("there is no database");
    for (const role of [owner, service]) await admin.sql.unsafe(`create role "${role}" login password 'pw'`);
    await admin.sql.close();
    const as = (role: string) => Object.assign(new URL(admin.url), { username: role, password: "pw" }).href;
    const connected = new SQL({ url: as(service), max: 1, connection: { application_name: "gateway-1" } });
    try {
      await connected`select 1`;
      const copy = { migrations: [], tables: [], sequences: [] };
      const free = requireFree({ service: "gateway", url: as(owner), folder: backups, copy }, true);
      // The administrator's connection may still be closing; its name is not the owner's to know.
      await expect(free).rejects.toThrow(/in use by (\?, )?gateway-1\. Stop the services first\./);
    } finally {
      await connected.close();
      const last = new SQL(admin.url, { max: 1 });
      for (const role of [owner, service]) await last.unsafe(`drop role "${role}"`);
      await last.close();
    }
  });
});
