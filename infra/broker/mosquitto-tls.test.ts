import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { findMosquitto } from "@orderflow/tools/embedded/broker";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { type Certificates, makeCertificates } from "../testing/certificates.ts";
import { type LockedBroker, startLockedBroker } from "./testing/locked-broker.ts";

setDefaultTimeout(20_000);

const canRun = findMosquitto() !== null && Bun.which("openssl") !== null;
if (!canRun) console.log("Mosquitto or openssl is not installed: encrypted listeners are not tried.");

const topic = (stream: string) => `orderflow/v1/evt/${stream}`;

async function connect(url: string, options: IClientOptions): Promise<MqttClient> {
  const common = { protocolVersion: 5, reconnectPeriod: 0, connectTimeout: 3_000 } as const;
  const client = await connectAsync(url, { ...common, ...options }, false);
  client.on("error", () => undefined);
  return client;
}

/** What comes of publishing as this client: `published`, `refused`, or `no connection`. */
async function attempt(url: string, options: IClientOptions, stream: string): Promise<string> {
  const client = await connect(url, options).catch(() => undefined);
  if (!client) return "no connection";
  const outcome = await client.publishAsync(topic(stream), "x", { qos: 1 }).then(
    () => "published",
    () => "refused",
  );
  await client.endAsync(true);
  return outcome;
}

describe.skipIf(!canRun)("an encrypted listener", () => {
  let certificates: Certificates;
  let broker: LockedBroker;
  const url = () => `mqtts://127.0.0.1:${broker.port}`;
  const order = { username: "order", password: "order-password" };

  beforeAll(async () => {
    certificates = makeCertificates();
    broker = await startLockedBroker({ listener: "tls", certificates });
  });
  afterAll(() => broker?.stop());

  test("takes passwords from those who trust its authority", async () => {
    expect(await attempt(url(), { ...order, ca: certificates.ca }, "order")).toBe("published");
    expect(await attempt(url(), { ...order, ca: certificates.ca }, "inventory")).toBe("refused");
    expect(await attempt(url(), { ...order, password: "wrong", ca: certificates.ca }, "order")).toBe("no connection");
  });

  test("is not trusted by others, and speaks to nobody in the clear", async () => {
    expect(await attempt(url(), order, "order")).toBe("no connection");
    expect(await attempt(url(), { ...order, ca: makeCertificates().ca }, "order")).toBe("no connection");
    expect(await attempt(url().replace("mqtts", "mqtt"), order, "order")).toBe("no connection");
  });
});

describe.skipIf(!canRun)("a listener that asks for certificates", () => {
  let certificates: Certificates;
  let broker: LockedBroker;
  const url = () => `mqtts://127.0.0.1:${broker.port}`;
  const as = ({ ca, clientOf }: Certificates, user: string) => {
    const { key, certificate } = clientOf(user);
    return { ca, key, cert: certificate };
  };

  beforeAll(async () => {
    certificates = makeCertificates();
    broker = await startLockedBroker({ listener: "mtls", certificates });
  });
  afterAll(() => broker?.stop());

  test("knows a user by the certificate, with the rights of every listener", async () => {
    expect(await attempt(url(), as(certificates, "order"), "order")).toBe("published");
    expect(await attempt(url(), as(certificates, "order"), "inventory")).toBe("refused");
    expect(await attempt(url(), as(certificates, "inventory"), "inventory")).toBe("published");
    expect(await attempt(url(), as(certificates, "nobody"), "order")).toBe("refused");
  });

  test("believes no name that is claimed beside it", async () => {
    const claim = { username: "inventory", password: "inventory-password" };
    expect(await attempt(url(), { ...as(certificates, "order"), ...claim }, "inventory")).toBe("refused");
  });

  test("refuses those without one, or with one of another authority", async () => {
    const credentials = { username: "order", password: "order-password", ca: certificates.ca };
    expect(await attempt(url(), credentials, "order")).toBe("no connection");
    const stranger = { ...as(makeCertificates(), "order"), ca: certificates.ca };
    expect(await attempt(url(), stranger, "order")).toBe("no connection");
  });
});

describe.skipIf(!canRun)("a service", () => {
  test("trusts an authority named in NODE_EXTRA_CA_CERTS", async () => {
    const certificates = makeCertificates();
    const broker = await startLockedBroker({ listener: "tls", certificates });
    try {
      const script = `
        import { connectBroker } from "@orderflow/common/messaging/broker";
        import { createLogger } from "@orderflow/common/observability/logger";
        import { createMetrics } from "@orderflow/common/observability/metrics";
        const logger = createLogger({ service: "test", instance: "tls", level: "silent" });
        const metrics = createMetrics({ service: "test", instance: "tls", defaults: false });
        const broker = connectBroker({ url: "mqtts://order:order-password@127.0.0.1:${broker.port}", clientId: "tls", logger, metrics });
        const deadline = Date.now() + 4000;
        while (!broker.isConnected() && Date.now() < deadline) await Bun.sleep(20);
        console.log(broker.isConnected());
        process.exit(0);`;
      const authority = `${import.meta.dir}/testing/authority-${process.pid}.crt`;
      await Bun.write(authority, certificates.ca);
      const answers = [{ NODE_EXTRA_CA_CERTS: authority }, {}].map(async (env) => {
        const { NODE_EXTRA_CA_CERTS: _, ...surroundings } = process.env;
        const child = Bun.spawn([process.execPath, "-e", script], {
          cwd: import.meta.dir,
          env: { ...surroundings, ...env },
          stderr: "inherit",
        });
        return (await new Response(child.stdout).text()).trim();
      });
      expect(await Promise.all(answers)).toEqual(["true", "false"]);
      await Bun.file(authority).delete();
    } finally {
      await broker.stop();
    }
  }, 30_000);

  test("is known by its own certificate where the broker asks for one", async () => {
    const certificates = makeCertificates();
    const broker = await startLockedBroker({ listener: "mtls", certificates });
    const folder = temporaryFolder();
    try {
      const { certificate, key } = certificates.clientOf("order");
      const file = async (name: string, text: string) => {
        await Bun.write(join(folder, name), text);
        return join(folder, name);
      };
      const settings = {
        MQTT_URL: `mqtts://127.0.0.1:${broker.port}`,
        MQTT_CERTIFICATE_FILE: await file("order.crt", certificate),
        MQTT_KEY_FILE: await file("order.key", key),
      };
      const script = join(import.meta.dir, "testing/publish-as-service.ts");
      const child = Bun.spawn([process.execPath, script, JSON.stringify(settings)], {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: await file("ca.crt", certificates.ca) },
        stderr: "inherit",
      });
      expect(JSON.parse(await new Response(child.stdout).text())).toEqual({ order: "published", inventory: "refused" });
    } finally {
      await broker.stop();
    }
  }, 30_000);
});
