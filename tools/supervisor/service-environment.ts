import { type ServiceName, serviceNames } from "../embedded/service-names.ts";
import type { Secrets } from "./secrets.ts";

/** Where everything is that a service may need, whoever runs it. */
export type Surroundings = {
  secrets: Secrets;
  databaseUrls: Record<ServiceName, string>;
  mqttUrl: (service: ServiceName) => string;
  smtpUrl: string;
  serviceUrls: Record<ServiceName, string[]>;
  callerEnv: Record<string, string | undefined>;
  extraEnv: Record<string, string>;
};

export type Place = { service: ServiceName; instance?: string; port: number };

/** What `up` decides comes over the caller's environment, and `--env` over both. */
export function serviceEnvironment(place: Place, surroundings: Surroundings): Record<string, string> {
  return { ...passedOn(surroundings.callerEnv), ...decidedEnvironment(place, surroundings), ...surroundings.extraEnv };
}

/** The part of a service's environment that only `up` knows. */
export function decidedEnvironment(place: Place, surroundings: Surroundings): Record<string, string> {
  const { secrets, callerEnv } = surroundings;
  const { service, port } = place;
  return {
    HOST: "127.0.0.1",
    PORT: String(port),
    ...(place.instance ? { INSTANCE: place.instance } : {}),
    [`${service.toUpperCase()}_DATABASE_URL`]: surroundings.databaseUrls[service],
    MQTT_URL: surroundings.mqttUrl(service),
    SERVICE_PRIVATE_KEY: secrets.serviceKeys.privateKeys[service] ?? "",
    SERVICE_PUBLIC_KEYS: secrets.serviceKeys.publicKeys,
    ...neighbourUrls(service, surroundings),
    ...(service === "notify" ? { SMTP_URL: surroundings.smtpUrl } : {}),
    ...(service === "gateway" ? gatewayOnly(surroundings, callerEnv) : {}),
  };
}

/** What is asked while nothing has announced itself, as when the broker is away. */
function neighbourUrls(service: ServiceName, { serviceUrls }: Surroundings): Record<string, string> {
  const neighbours = serviceNames.filter((name) => name !== service);
  return Object.fromEntries(neighbours.map((name) => [`${name.toUpperCase()}_URL`, serviceUrls[name].join(",")]));
}

function gatewayOnly(surroundings: Surroundings, callerEnv: Surroundings["callerEnv"]): Record<string, string> {
  return {
    // Bun reads it when it starts. Each subscription that passes the gateway takes one of them.
    BUN_CONFIG_MAX_HTTP_REQUESTS: callerEnv.BUN_CONFIG_MAX_HTTP_REQUESTS ?? "11000",
    AUTH_SECRET: callerEnv.AUTH_SECRET ?? surroundings.secrets.authSecret,
    ...(callerEnv.OTHER_AUTH_SECRET && { OTHER_AUTH_SECRET: callerEnv.OTHER_AUTH_SECRET }),
    PUBLIC_URL: callerEnv.PUBLIC_URL ?? surroundings.serviceUrls.gateway[0] ?? "",
  };
}

/**
 * A service learns nothing that is another's: no database address, and nothing that a package runner left. An address that
 * `up` read from a file is decided, and would be given twice.
 */
function passedOn(callerEnv: Surroundings["callerEnv"]): Record<string, string> {
  const entries = Object.entries(callerEnv).filter(
    ([name]) => !/DATABASE_URL(?:_FILE)?$|^(?:MQTT|SMTP)_URL_FILE$|^(?:OTHER_)?AUTH_SECRET$|^npm_|^TEST_/i.test(name),
  );
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
