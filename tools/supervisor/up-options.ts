import { parseArgs } from "node:util";
import type { BrokerKind } from "../embedded/broker.ts";
import { isServiceName, type ServiceName, serviceNames } from "../embedded/service-names.ts";
import { UsageError } from "../install/usage-error.ts";

const throughParts = ["postgres", "broker", "smtp"] as const;
export type ThroughPart = (typeof throughParts)[number];

export type UpOptions = {
  portBase: number;
  instances: Record<ServiceName, number>;
  without: ServiceName[];
  isFresh: boolean;
  isDetached: boolean;
  /** Give up and stop when not everything is ready in time; `--detach` asks its child to. */
  mustBeReady: boolean;
  broker?: BrokerKind;
  /** Mosquitto keeps retained messages on disk, as it does under compose. */
  keepsBrokerDisk: boolean;
  /** Ports at which the services reach these parts, instead of the parts' own. */
  through: Partial<Record<ThroughPart, number>>;
  extraEnv: Record<string, string>;
};

export const upHelp = `Usage: bun run up [options]

Starts the whole system in the foreground: PostgreSQL, broker, mailbox and the five services. Ctrl-C stops it.

  --port-base N            gateway on N, order N+1, inventory N+2, notify N+3, worker N+4, mailbox N+5,
                           PostgreSQL N+10, broker N+11, SMTP N+12, further instances from N+20 (default 3000)
  --instances order=2,…    how many processes of a service to run (default 1 each, at most 8)
  --without order          leave a service out, so that \`bun run dev\` in its folder takes its place (repeatable)
  --broker KIND            mosquitto or aedes (default: mosquitto where it is installed)
  --broker-disk            mosquitto keeps retained messages on disk, as compose.yaml has it
  --through broker=PORT    services reach postgres, broker or smtp at this port, that of a proxy (repeatable)
  --env KEY=VALUE          a setting for all services (repeatable)
  --fresh                  forget all state of before
  --detach                 return when everything is ready; \`bun run down\` stops it; log in .orderflow/up.log
  --help                   this text

DATABASE_URL (or ORDER_DATABASE_URL, …), MQTT_URL and SMTP_URL replace the embedded parts.`;

const maxInstances = 8;

/** Throws UsageError naming what is wrong. */
export function parseUpOptions(args: string[]): UpOptions {
  const values = parse(args);
  const portBase = Number(values["port-base"] ?? 3000);
  if (!Number.isInteger(portBase) || portBase < 1 || portBase > 65_000) {
    throw new UsageError(`--port-base is a whole number from 1 to 65000, not "${values["port-base"]}"`);
  }
  const { broker } = values;
  if (broker !== undefined && broker !== "mosquitto" && broker !== "aedes") {
    throw new UsageError(`--broker is mosquitto or aedes, not "${broker}"`);
  }
  return {
    portBase,
    instances: parseInstances(values.instances ?? ""),
    without: (values.without ?? []).flatMap((list) => list.split(",")).map(knownService),
    isFresh: values.fresh ?? false,
    isDetached: values.detach ?? false,
    mustBeReady: values["exit-unless-ready"] ?? false,
    ...(broker ? { broker } : {}),
    keepsBrokerDisk: values["broker-disk"] ?? false,
    through: Object.fromEntries((values.through ?? []).map(parseThrough)),
    extraEnv: Object.fromEntries((values.env ?? []).map(parseAssignment)),
  };
}

function parse(args: string[]) {
  try {
    const text = { type: "string" } as const;
    const list = { type: "string", multiple: true } as const;
    const flag = { type: "boolean" } as const;
    return parseArgs({
      args,
      options: {
        "port-base": text,
        instances: text,
        broker: text,
        "broker-disk": flag,
        through: list,
        env: list,
        without: list,
        fresh: flag,
        detach: flag,
        "exit-unless-ready": flag,
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function parseInstances(text: string): Record<ServiceName, number> {
  const counts = Object.fromEntries(serviceNames.map((name) => [name, 1])) as Record<ServiceName, number>;
  for (const part of text.split(",").filter((entry) => entry !== "")) {
    const [name = "", count = ""] = part.split("=");
    if (!/^[1-8]$/.test(count))
      throw new UsageError(`--instances takes name=count with a count from 1 to ${maxInstances}, not "${part}"`);
    counts[knownService(name)] = Number(count);
  }
  if (counts.gateway > 1) throw new UsageError("--instances cannot multiply gateway: it is the one public door");
  return counts;
}

function knownService(name: string): ServiceName {
  if (!isServiceName(name))
    throw new UsageError(`There is no service "${name}". The services are ${serviceNames.join(", ")}.`);
  return name;
}

function parseThrough(text: string): [ThroughPart, number] {
  const [name, port = ""] = text.split("=");
  const part = throughParts.find((known) => known === name);
  if (!part || !/^[1-9]\d{0,4}$/.test(port))
    throw new UsageError(`--through takes postgres, broker or smtp with a port, such as broker=7001, not "${text}"`);
  return [part, Number(port)];
}

function parseAssignment(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--env takes KEY=VALUE, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}
