import { beforeEach, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { serviceNames } from "../service-names.ts";
import { writeComposeSecrets } from "./compose-secrets.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

const read = (path: string) => readFileSync(join(folder, path), "utf8");

function everything(): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    paths.map((entry) => [
      join(entry.parentPath, entry.name),
      readFileSync(join(entry.parentPath, entry.name), "utf8"),
    ]),
  );
}

test("secrets are random, and stay what they are", async () => {
  await writeComposeSecrets(folder, {});
  const first = everything();
  await writeComposeSecrets(folder, {});
  expect(everything()).toEqual(first);
  rmSync(folder, { recursive: true });
  await writeComposeSecrets(folder, {});
  const again = Object.entries(everything()).filter(([path, text]) => first[path] === text);
  expect(again.map(([path]) => path.slice(folder.length + 1))).toEqual(["broker/access-rules"]);
});

test("a container's folder has that container's secrets and no other's", async () => {
  await writeComposeSecrets(folder, {});
  for (const service of serviceNames) {
    const own = readdirSync(join(folder, service))
      .map((name) => read(`${service}/${name}`))
      .join("\n");
    const others = serviceNames.filter((name) => name !== service);
    for (const other of others) {
      expect(own).not.toContain(read(`databases/${other}-password`));
      expect(own).not.toContain(read(`kept/${other}-mqtt-password`));
      expect(own).not.toContain(JSON.parse(read(`${other}/private-key`)).d);
    }
    expect(own).not.toContain(read("postgres/password"));
    expect(own).not.toContain(read(`databases/${service}-owner-password`));
    expect(read(`${service}/database-url`)).toContain(
      `postgres://${service}:${read(`databases/${service}-password`)}@`,
    );
    expect(read(`owners/${service}-url`)).toContain(`postgres://${service}_owner:`);
  }
});

test("what the environment gives comes before what was kept, also from a file", async () => {
  await writeComposeSecrets(folder, {});
  const before = everything();
  const file = join(folder, "given");
  writeFileSync(file, "from a file\n");
  await writeComposeSecrets(folder, { ORDER_MQTT_PASSWORD: "p@ss/word", AUTH_SECRET_FILE: file });
  expect(read("order/mqtt-url")).toBe("mqtt://order:p%40ss%2Fword@mosquitto:1883");
  expect(read("gateway/auth-secret")).toBe("from a file");
  expect(read("broker/passwords")).not.toBe(before[join(folder, "broker/passwords")] ?? "");
  await writeComposeSecrets(folder, {});
  expect(read("gateway/auth-secret")).toBe("from a file");
  await expect(writeComposeSecrets(folder, { AUTH_SECRET: "x", AUTH_SECRET_FILE: file })).rejects.toThrow(
    "given twice",
  );
});

test("addresses of servers elsewhere go into every address, with what follows the question mark", async () => {
  const POSTGRES_ADDRESS = "postgres://admin@db.example:6432/postgres?sslmode=verify-full";
  await writeComposeSecrets(folder, { POSTGRES_ADDRESS, MQTT_ADDRESS: "mqtts://mq.example:8883" });
  expect(read("worker/database-url")).toEndWith("@db.example:6432/orderflow_worker?sslmode=verify-full");
  expect(read("owners/worker-url")).toEndWith("@db.example:6432/orderflow_worker?sslmode=verify-full");
  expect(read("databases/admin-url")).toStartWith("postgres://admin:");
  expect(read("worker/mqtt-url")).toEndWith("@mq.example:8883");
});
