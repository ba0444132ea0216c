import { type ConfigOf, type Environment, readConfig, setting } from "@orderflow/common/config/read-config";
import { pruneIntervalSetting } from "@orderflow/common/config/retention-settings";
import { HttpUrl, integer, neighbourUrls, serviceSettings } from "@orderflow/common/config/service-settings";
import { z } from "zod";
import { AddressRange } from "./handlers/limits/address-ranges.ts";
import { OidcIssuers } from "./oidc-setting.ts";

const maxListed = 50;
const AuthSecret = z.string().min(32, "expected at least 32 characters");

const settings = {
  ...serviceSettings({ service: "gateway", port: 3000 }),
  orderUrls: neighbourUrls("order", 3001),
  inventoryUrls: neighbourUrls("inventory", 3002),
  notifyUrls: neighbourUrls("notify", 3003),
  workerUrls: neighbourUrls("worker", 3004),
  authSecret: setting("AUTH_SECRET", AuthSecret),
  /** Another that is known, while one is changed for the other. */
  otherAuthSecret: setting("OTHER_AUTH_SECRET", AuthSecret.optional()),
  publicUrl: setting("PUBLIC_URL", HttpUrl.transform((url) => new URL(url).origin).default("http://127.0.0.1:3000")),
  trustedOrigins: setting(
    "TRUSTED_ORIGINS",
    listOf(
      HttpUrl.transform((url) => new URL(url).origin),
      "origins",
    ).default([]),
  ),
  trustedProxies: setting("TRUSTED_PROXIES", listOf(AddressRange, "addresses or CIDR ranges").default([])),
  callsPerCaller: setting("RATE_LIMIT_CALLER_PER_MINUTE", perMinute(30_000)),
  requestsPerAddress: setting("RATE_LIMIT_ADDRESS_PER_MINUTE", perMinute(60_000)),
  /** Above it fewer calls are taken at once; 0 is no limit. */
  latencyTargetMs: setting("LATENCY_TARGET_MS", integer({ min: 0, max: 10_000 }).default(250)),
  rateLimitStore: setting("RATE_LIMIT_STORE", z.enum(["memory", "database"]).default("memory")),
  oidcIssuers: setting("OIDC_ISSUERS", OidcIssuers.default([])),
  // Read by Bun itself when it starts: so many requests of `fetch` are open at once, subscriptions included.
  maxOpenRequests: setting("BUN_CONFIG_MAX_HTTP_REQUESTS", integer({ min: 1, max: 65_336 }).default(256)),
  idleTimeoutS: setting("IDLE_TIMEOUT_S", integer({ min: 1, max: 255 }).default(30)),
  authRateLimitMax: setting("AUTH_RATE_LIMIT_MAX", integer({ min: 0, max: 1_000_000 }).default(60)),
  authRateLimitWindowS: setting("AUTH_RATE_LIMIT_WINDOW_S", integer({ min: 1, max: 86_400 }).default(60)),
  pruneIntervalS: pruneIntervalSetting(),
};

const accountSettings = {
  customerPassword: setting("DEMO_CUSTOMER_PASSWORD", demoPassword()),
  operatorPassword: setting("DEMO_OPERATOR_PASSWORD", demoPassword()),
  databaseUrl: settings.databaseUrl,
};

export type GatewayConfig = ConfigOf<typeof settings>;

export function readGatewayConfig(environment: Environment = process.env): GatewayConfig {
  return readConfig(environment, settings);
}

/** What the demo accounts need. There is no default password: accounts with known ones must never appear by themselves. */
export function readSeedConfig(environment: Environment = process.env): ConfigOf<typeof accountSettings> {
  return readConfig(environment, accountSettings);
}

/** What the migrations need. */
export function readMigrationConfig(environment: Environment = process.env) {
  return readConfig(environment, { databaseUrl: settings.databaseUrl });
}

/** Values with commas between them, at most 50. */
function listOf<Item extends z.ZodType<string, string>>(item: Item, what: string) {
  return z
    .string()
    .transform((text) =>
      text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    )
    .pipe(
      z
        .array(item)
        .min(1, `expected ${what} with commas between them`)
        .max(maxListed, `expected at most ${maxListed} ${what}`),
    );
}

function perMinute(fallback: number) {
  return integer({ min: 0, max: 100_000_000 }).default(fallback);
}

function demoPassword() {
  return z.string().min(8, "expected 8 to 128 characters").max(128, "expected 8 to 128 characters");
}
