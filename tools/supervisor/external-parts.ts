import { type ServiceName, serviceNames } from "../embedded/service-names.ts";

/** What the environment names instead of an embedded part. */
export type ExternalParts = {
  /** A server on which databases and roles may be made. */
  adminUrl?: string;
  /** Databases that are there already. */
  databaseUrls: Partial<Record<ServiceName, string>>;
  mqttUrl?: string;
  smtpUrl?: string;
};

export function readExternalParts(env: Record<string, string | undefined>): ExternalParts {
  const own = serviceNames.map((service) => [service, env[`${service.toUpperCase()}_DATABASE_URL`]]);
  return {
    databaseUrls: Object.fromEntries(own.filter(([, url]) => url)),
    ...(env.DATABASE_URL ? { adminUrl: env.DATABASE_URL } : {}),
    ...(env.MQTT_URL ? { mqttUrl: env.MQTT_URL } : {}),
    ...(env.SMTP_URL ? { smtpUrl: env.SMTP_URL } : {}),
  };
}

export function needsPostgres(external: ExternalParts): boolean {
  return !external.adminUrl && Object.keys(external.databaseUrls).length < serviceNames.length;
}
