import { variableOf } from "@orderflow/infra/operator/database-urls";
import { settingOf } from "@orderflow/infra/operator/setting-of";
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

/** Each may come as a file that `NAME_FILE` names. Throws UsageError when one cannot be read, or is given twice. */
export function readExternalParts(env: Record<string, string | undefined>): ExternalParts {
  const own = serviceNames.map((service) => [service, settingOf(variableOf(service), env)]);
  const [adminUrl, mqttUrl, smtpUrl] = ["DATABASE_URL", "MQTT_URL", "SMTP_URL"].map((name) => settingOf(name, env));
  return {
    databaseUrls: Object.fromEntries(own.filter(([, url]) => url)),
    ...(adminUrl ? { adminUrl } : {}),
    ...(mqttUrl ? { mqttUrl } : {}),
    ...(smtpUrl ? { smtpUrl } : {}),
  };
}

export function needsPostgres(external: ExternalParts): boolean {
  return !external.adminUrl && Object.keys(external.databaseUrls).length < serviceNames.length;
}
