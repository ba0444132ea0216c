import { testKeys } from "./test-keys.ts";

/** The environment of a service under test: its own database, a free port, keys, and no log lines. */
export async function testEnvironment({ service, databaseUrl }: { service: string; databaseUrl: string }) {
  const { privateKeys, publicKeys } = await testKeys();
  return {
    DATABASE_URL: databaseUrl,
    MQTT_URL: process.env.TEST_MQTT_URL,
    DISCOVERY: "static",
    LEAVE_MS: "0",
    INSTANCE: `${service}-${crypto.randomUUID()}`,
    PORT: "0",
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent",
    ALLOW_UNSAFE_DATABASE: "true",
    SERVICE_PRIVATE_KEY: privateKeys[service],
    SERVICE_PUBLIC_KEYS: publicKeys,
  };
}
