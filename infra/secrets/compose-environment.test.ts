import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { writeComposeSecrets } from "./compose-secrets.ts";

const root = join(import.meta.dir, "../..");
const { services, volumes } = Bun.YAML.parse(readFileSync(join(root, "compose.yaml"), "utf8")) as {
  services: Record<string, { environment?: string[]; volumes?: string[] }>;
  volumes: Record<string, unknown>;
};
const documents = readFileSync(join(root, "docs/deployment.md"), "utf8");

/** All that is looked for in the environment while the secrets are made. */
async function asked(): Promise<string[]> {
  const names = new Set<string>();
  const environment = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get(_, name) {
        names.add(String(name));
        return undefined;
      },
    },
  );
  await writeComposeSecrets(temporaryFolder(), environment);
  return [...names];
}

test("every secret that can be given is handed to the container that makes them, and no other variable is", async () => {
  const wanted = (await asked()).filter((name) => !name.endsWith("_FILE"));
  expect([...(services.secrets?.environment ?? [])].sort()).toEqual(wanted.sort());
});

test("every secret can be given as a file", async () => {
  const names = await asked();
  const addresses = ["POSTGRES_ADDRESS", "MQTT_ADDRESS"];
  const secrets = names.filter((name) => !name.endsWith("_FILE") && !addresses.includes(name));
  expect(secrets.filter((name) => !names.includes(`${name}_FILE`))).toEqual([]);
});

test("every secret that can be given is told of, by its name or that of its like", async () => {
  const secrets = (await asked()).filter((name) => !name.endsWith("_FILE"));
  const like = (name: string) => name.replace(/^(?:GATEWAY|INVENTORY|NOTIFY|WORKER)_/, "ORDER_");
  expect(secrets.filter((name) => !documents.includes(`\`${like(name)}\``))).toEqual([]);
});

test("each volume of secrets is filled, and mounted by whom it is for", () => {
  const made = Object.keys(volumes).filter((name) => name.startsWith("secrets-"));
  const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
  const folders = dockerfile.match(/for name in ([\w ]+); do/)?.[1]?.split(" ") ?? [];
  expect(made.sort()).toEqual(folders.map((name) => `secrets-${name}`).sort());
  for (const name of made)
    expect(services.secrets?.volumes).toContain(`${name}:/secrets/${name.slice("secrets-".length)}`);
  const mounts = Object.entries(services).flatMap(([service, { volumes: mounted = [] }]) =>
    mounted.flatMap((volume) =>
      volume.startsWith("secrets-") && service !== "secrets" ? [`${service} ${volume}`] : [],
    ),
  );
  for (const mount of mounts) expect(mount).toEndWith(":ro");
  const holders = (name: string) =>
    mounts.filter((mount) => mount.includes(` ${name}:`)).map((mount) => mount.split(" ")[0]);
  expect(holders("secrets-kept")).toEqual([]);
  expect(holders("secrets-postgres")).toEqual(["postgres"]);
  expect(holders("secrets-databases")).toEqual(["databases"]);
  expect(holders("secrets-owners").sort()).toEqual(["backup", "migrate", "restore"]);
  expect(holders("secrets-audit").sort()).toEqual(["audit", "replay"]);
  expect(holders("secrets-operator").sort()).toEqual(["readers", "realign", "replay"]);
});
