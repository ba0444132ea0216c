import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { serviceNames } from "../embedded/service-names.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { readEnvironmentFile, writeEnvironmentFile } from "./environment-file.ts";
import { loadSecrets } from "./secrets.ts";
import { type Surroundings, serviceEnvironment } from "./service-environment.ts";

const folder = temporaryFolder();

const perService = <T>(of: (name: string) => T) => Object.fromEntries(serviceNames.map((name) => [name, of(name)]));

async function someSurroundings(given: Partial<Surroundings> = {}): Promise<Surroundings> {
  return {
    secrets: await loadSecrets(folder),
    databaseUrls: perService((name) => `postgres://${name}`) as Surroundings["databaseUrls"],
    mqttUrl: (service) => `mqtt://${service}`,
    smtpUrl: "smtp://here",
    serviceUrls: perService((name) => [`http://${name}-1`, `http://${name}-2`]) as Surroundings["serviceUrls"],
    callerEnv: {},
    extraEnv: {},
    ...given,
  };
}

test("a service learns its own database and key, and nobody else's", async () => {
  const callerEnv = {
    GATEWAY_DATABASE_URL: "secret",
    DATABASE_URL: "secret",
    AUTH_SECRET: "secret",
    npm_config_x: "1",
    LOG_LEVEL: "debug",
  };
  const surroundings = await someSurroundings({ callerEnv });
  const env = serviceEnvironment({ service: "order", instance: "order-2", port: 4020 }, surroundings);
  expect(env).toMatchObject({
    PORT: "4020",
    INSTANCE: "order-2",
    ORDER_DATABASE_URL: "postgres://order",
    LOG_LEVEL: "debug",
  });
  expect(JSON.parse(env.SERVICE_PRIVATE_KEY ?? "")).toMatchObject({ kid: "order" });
  expect(Object.values(env)).not.toContain("secret");
  expect(env.npm_config_x).toBeUndefined();
});

test("an address that up read from a file is not given a second time", async () => {
  const names = ["DATABASE_URL", "ORDER_DATABASE_URL", "MQTT_URL", "SMTP_URL"];
  const callerEnv = Object.fromEntries(names.map((name) => [`${name}_FILE`, "/run/secret"]));
  const env = serviceEnvironment({ service: "notify", port: 1 }, await someSurroundings({ callerEnv }));
  expect(Object.keys(env).filter((name) => name.endsWith("_FILE"))).toEqual([]);
  expect(env).toMatchObject({ MQTT_URL: "mqtt://notify", SMTP_URL: "smtp://here" });
});

test("every process of a service is told to all who call it", async () => {
  const surroundings = await someSurroundings();
  const gateway = serviceEnvironment({ service: "gateway", port: 3000 }, surroundings);
  const worker = serviceEnvironment({ service: "worker", port: 3004 }, surroundings);
  expect([gateway.ORDER_URL, worker.ORDER_URL]).toEqual([
    "http://order-1,http://order-2",
    "http://order-1,http://order-2",
  ]);
  expect([gateway.AUTH_SECRET !== undefined, worker.AUTH_SECRET]).toEqual([true, undefined]);
});

test("--env wins over everything", async () => {
  const surroundings = await someSurroundings({ callerEnv: { A: "caller" }, extraEnv: { A: "option", PORT: "1" } });
  expect(serviceEnvironment({ service: "order", port: 2 }, surroundings)).toMatchObject({ A: "option", PORT: "1" });
});

test("secrets are made once, and only the owner reads them", async () => {
  const [first, second] = [await loadSecrets(folder), await loadSecrets(folder)];
  expect(second).toEqual(first);
  expect(statSync(join(folder, "secrets.json")).mode & 0o777).toBe(0o600);
  expect(first.demo.customer.password).toMatch(/^[a-z]+-[a-z]+-\d{6}$/);
});

test("an environment file gives back what was written", () => {
  const path = join(folder, "env/order.env");
  const environment = { KEY: '{"kty":"OKP","x":"a b"}', URL: "postgres://a:b@c/d?e=f#g", EMPTY: "" };
  writeEnvironmentFile(path, environment);
  expect(readEnvironmentFile(path)).toEqual(environment);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(() => writeEnvironmentFile(path, { BAD: "it's" })).toThrow("BAD");
});
