import { expect, test } from "bun:test";
import { hostname } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { z } from "zod";
import { ConfigError, type Environment, readConfig, setting } from "./read-config.ts";
import { integer, serviceSettings } from "./service-settings.ts";

const settings = {
  port: setting("PORT", integer({ min: 0, max: 65_535 }).default(3_001)),
  databaseUrl: setting(["ORDER_DATABASE_URL", "DATABASE_URL"], z.string().min(1)),
};

function problemsOf(environment: Environment): readonly string[] {
  try {
    readConfig(environment, settings);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

async function fileWith(text: string): Promise<string> {
  const path = join(temporaryFolder(), "setting");
  await Bun.write(path, text);
  return path;
}

test("the first variable that is set wins, and defaults fill the rest", () => {
  expect(readConfig({ DATABASE_URL: "common" }, settings)).toEqual({ port: 3_001, databaseUrl: "common" });
  expect(readConfig({ DATABASE_URL: "common", ORDER_DATABASE_URL: "own", PORT: "80" }, settings)).toEqual({
    port: 80,
    databaseUrl: "own",
  });
});

test("an empty variable counts as not set", () => {
  expect(readConfig({ PORT: "", ORDER_DATABASE_URL: "", DATABASE_URL: "common" }, settings)).toEqual({
    port: 3_001,
    databaseUrl: "common",
  });
});

test("a value may come from a file, whose last line break is not part of it", async () => {
  const path = await fileWith("from file\n");
  expect(readConfig({ DATABASE_URL_FILE: path }, settings).databaseUrl).toBe("from file");
});

test("everything that is wrong is told at once, and never the value", () => {
  expect(problemsOf({ PORT: "s3cret" })).toEqual([
    "PORT: expected a whole number from 0 to 65535",
    "ORDER_DATABASE_URL or DATABASE_URL: is required and not set",
  ]);
});

test.each(["-1", "65536", "1.5", "1e3", " 80", "0x50"])("port %p is refused", (PORT) => {
  const [problem] = problemsOf({ PORT, DATABASE_URL: "x" });
  expect(problem).toStartWith("PORT: ");
  expect(problem?.replace("65535", "").replace("0", "")).not.toContain(PORT);
});

test("a variable and its file together are ambiguous", async () => {
  const path = await fileWith("from file");
  expect(problemsOf({ DATABASE_URL: "direct", DATABASE_URL_FILE: path })).toEqual([
    "DATABASE_URL: given twice, set either DATABASE_URL or DATABASE_URL_FILE",
  ]);
});

test("a file that cannot be read names its variable", () => {
  expect(problemsOf({ DATABASE_URL_FILE: "/no/such/file" })).toEqual([
    "DATABASE_URL_FILE: expected the path of a file that can be read",
  ]);
});

const complete = {
  ORDER_DATABASE_URL: "postgres://order@localhost/orderflow_order",
  SERVICE_PRIVATE_KEY: '{"kty":"OKP","d":"x"}',
  SERVICE_PUBLIC_KEYS: '{"keys":[{"kid":"order"}]}',
};

test("a service needs its database and keys; all else has a default", () => {
  expect(readConfig(complete, serviceSettings({ service: "order", port: 3_001 }))).toEqual({
    service: "order",
    instance: `order-${hostname()}-${process.pid}`,
    host: "127.0.0.1",
    port: 3_001,
    databaseUrl: complete.ORDER_DATABASE_URL,
    databasePoolSize: 8,
    allowUnsafeDatabase: false,
    version: "dev",
    discovery: "mqtt",
    advertisedUrl: undefined,
    leaveMs: 500,
    callSettings: {},
    mqttUrl: "mqtt://127.0.0.1:1883",
    mqttCertificate: undefined,
    mqttKey: undefined,
    logLevel: "info",
    logPretty: false,
    otlpEndpoint: undefined,
    traceSampleRatio: 0.1,
    isProduction: false,
    servicePrivateKey: complete.SERVICE_PRIVATE_KEY,
    servicePublicKeys: complete.SERVICE_PUBLIC_KEYS,
  });
});

test("an instance's own URL may name the machine it runs on", () => {
  const given = { ...complete, ADVERTISED_URL: "http://{hostname}:3001/" };
  const { advertisedUrl } = readConfig(given, serviceSettings({ service: "order", port: 3_001 }));
  expect(advertisedUrl).toBe(`http://${hostname()}:3001`);
});

test.each([
  ["ORDER_DATABASE_URL", "mysql://s3cret"],
  ["DATABASE_POOL_SIZE", "0"],
  ["ALLOW_UNSAFE_DATABASE", "maybe"],
  ["MQTT_URL", "http://s3cret"],
  ["DISCOVERY", "dns"],
  ["ADVERTISED_URL", "s3cret"],
  ["CALL_SETTINGS", "{s3cret"],
  ["CALL_SETTINGS", '{"inventory":{"timeoutMs":"s3cret"}}'],
  ["LOG_LEVEL", "loud"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "s3cret"],
  ["TRACE_SAMPLE_RATIO", "1.5"],
  ["INSTANCE", "a b"],
  ["SERVICE_PRIVATE_KEY", '{"s3cret'],
  ["SERVICE_PUBLIC_KEYS", '{"keys":[]}'],
])("%s refuses %p and says what it expects", (name, value) => {
  try {
    readConfig({ ...complete, [name]: value }, serviceSettings({ service: "order", port: 3_001 }));
    throw new Error("was accepted");
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toContain(`${name}: `);
    expect(String(error)).toMatch(/expected|Too/);
    expect(String(error)).not.toContain("s3cret");
  }
});
