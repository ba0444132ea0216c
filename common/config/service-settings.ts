import { hostname } from "node:os";
import { z } from "zod";
import { CallSettingsByTarget } from "../resilience/call-settings.ts";
import { setting } from "./read-config.ts";

/** Whole numbers from the environment, with a bound on both sides. */
export function integer({ min, max }: { min: number; max: number }) {
  return z
    .string()
    .regex(/^-?\d{1,15}$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

/** true or false, also written 1, 0, yes, no, on or off. */
export const Flag = z.stringbool({ error: "expected true or false" });

/** An http or https URL without a slash at its end. */
export const HttpUrl = z
  .url({ protocol: /^https?$/, error: "expected a URL such as http://127.0.0.1:3000" })
  .transform((url) => url.replace(/\/+$/, ""));

/** The same, where `{hostname}` stands for the machine's name: all instances of a container image share one setting. */
const OwnUrl = z
  .string()
  .transform((text) => text.replace("{hostname}", hostname()))
  .pipe(HttpUrl);

const maxUrls = 50;

/** Where a neighbour is while it has not announced itself: URLs with commas between them. */
export function neighbourUrls(service: string, port: number) {
  const Urls = z
    .string()
    .transform((text) => text.split(",").flatMap((part) => part.trim() || []))
    .pipe(
      z
        .array(HttpUrl)
        .min(1, "expected URLs with commas between them")
        .max(maxUrls, `expected at most ${maxUrls} URLs`),
    );
  return setting(`${service.toUpperCase()}_URL`, Urls.default([`http://127.0.0.1:${port}`]));
}

export const DatabaseUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\/./, "expected a URL such as postgres://user:password@host:5432/database");
const MqttUrl = z.string().regex(/^(?:mqtts?|tcp|tls|wss?):\/\/./, "expected a URL such as mqtt://127.0.0.1:1883");
const Pem = z.string().regex(/^-----BEGIN [A-Z ]+-----\n/, "expected PEM, which begins with -----BEGIN");
const LogLevel = z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]);
const Ratio = z
  .string()
  .regex(/^(?:0|1|0?\.\d+|[01]\.0+)$/, "expected a number from 0 to 1")
  .transform(Number);

const CallSettings = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: "custom", message: "expected JSON" });
      return z.NEVER;
    }
  })
  .pipe(CallSettingsByTarget);

const Environment = z
  .string()
  .default("")
  .transform((name) => name === "production");

const Port = integer({ min: 0, max: 65_535 });
const PrivateKey = jsonText(
  "a private key as a JSON Web Key (JSON)",
  (value) => typeof value.kty === "string" && typeof value.d === "string",
);
const PublicKeys = jsonText(
  'public keys as a JSON Web Key Set: {"keys":[…]}',
  (value) => Array.isArray(value.keys) && value.keys.length > 0,
);

/** What every service reads from its environment. `port` is the default; 0 takes a free one. */
export function serviceSettings({ service, port }: { service: string; port: number }) {
  return {
    service: setting([], z.string().default(service)),
    instance: setting(
      "INSTANCE",
      z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,64}$/, "expected 1 to 64 letters, digits, '.', '_' or '-'")
        .default(() => `${service}-${machine()}-${process.pid}`),
    ),
    host: setting("HOST", z.string().default("127.0.0.1")),
    port: setting("PORT", Port.default(port)),
    databaseUrl: setting([`${service.toUpperCase()}_DATABASE_URL`, "DATABASE_URL"], DatabaseUrl),
    databasePoolSize: setting("DATABASE_POOL_SIZE", integer({ min: 1, max: 100 }).default(8)),
    allowUnsafeDatabase: setting("ALLOW_UNSAFE_DATABASE", Flag.default(false)),
    version: setting("SERVICE_VERSION", z.string().max(64, "expected at most 64 characters").default("dev")),
    discovery: setting("DISCOVERY", z.enum(["mqtt", "static"], "expected mqtt or static").default("mqtt")),
    advertisedUrl: setting("ADVERTISED_URL", OwnUrl.optional()),
    /** How long calls are still taken after this instance has said that it leaves. */
    leaveMs: setting("LEAVE_MS", integer({ min: 0, max: 60_000 }).default(500)),
    callSettings: setting("CALL_SETTINGS", CallSettings.default({})),
    mqttUrl: setting("MQTT_URL", MqttUrl.default("mqtt://127.0.0.1:1883")),
    mqttCertificate: setting("MQTT_CERTIFICATE", Pem.optional()),
    mqttKey: setting("MQTT_KEY", Pem.optional()),
    logLevel: setting("LOG_LEVEL", LogLevel.default("info")),
    logPretty: setting("LOG_PRETTY", Flag.default(false)),
    otlpEndpoint: setting("OTEL_EXPORTER_OTLP_ENDPOINT", HttpUrl.optional()),
    traceSampleRatio: setting("TRACE_SAMPLE_RATIO", Ratio.default(0.1)),
    /** Where nothing may be made to fail on purpose. */
    isProduction: setting(["ENVIRONMENT", "NODE_ENV"], Environment),
    servicePrivateKey: setting("SERVICE_PRIVATE_KEY", PrivateKey),
    servicePublicKeys: setting("SERVICE_PUBLIC_KEYS", PublicKeys),
  };
}

/** Where a process that is only told answers whoever watches it; beside `api.ts` of the same machine. 0 takes a free one. */
export function healthPort(port: number) {
  return setting("HEALTH_PORT", Port.default(port));
}

/** Process ids repeat from container to container. */
function machine(): string {
  return hostname()
    .replaceAll(/[^A-Za-z0-9.-]/g, "-")
    .slice(0, 40);
}

function jsonText(expected: string, isRight: (value: Record<string, unknown>) => boolean) {
  return z.string().refine((text) => {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === "object" && value !== null && isRight(value as Record<string, unknown>);
    } catch {
      return false;
    }
  }, `expected ${expected}`);
}
