import { expect, test } from "bun:test";
import { brokerSettings } from "./broker-settings.ts";

const mqttUrl = "mqtts://mosquitto:8883";

test("a certificate goes with its key", () => {
  expect(brokerSettings({ mqttUrl })).toEqual({ url: mqttUrl });
  const identity = { cert: "a certificate", key: "a key" };
  const given = { mqttUrl, mqttCertificate: identity.cert, mqttKey: identity.key };
  expect(brokerSettings(given)).toEqual({ url: mqttUrl, identity });
});

test.each([{ mqttCertificate: "a certificate" }, { mqttKey: "a key" }])("one without the other is refused", (given) => {
  expect(() => brokerSettings({ mqttUrl, ...given })).toThrow(
    "MQTT_CERTIFICATE and MQTT_KEY: expected both or neither",
  );
});
