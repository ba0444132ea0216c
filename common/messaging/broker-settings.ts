import { ConfigError } from "../config/read-config.ts";

type Config = { mqttUrl: string; mqttCertificate?: string | undefined; mqttKey?: string | undefined };

/** Where the broker is, and who this process is to one that asks for certificates. A certificate needs its key. */
export function brokerSettings({ mqttUrl: url, mqttCertificate: cert, mqttKey: key }: Config) {
  if ((cert === undefined) !== (key === undefined))
    throw new ConfigError(["MQTT_CERTIFICATE and MQTT_KEY: expected both or neither"]);
  return cert !== undefined && key !== undefined ? { url, identity: { cert, key } } : { url };
}
