import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { BrokerUser } from "@orderflow/infra/broker/broker-users";
import { UsageError } from "../install/usage-error.ts";
import { baseEnvironment, type Launch } from "./launch.ts";
import { writeMosquittoConfig } from "./mosquitto-config.ts";
import { makeReachableFolder } from "./reachable-folder.ts";
import { unprivilegedUser } from "./unprivileged-user.ts";

export type BrokerKind = "mosquitto" | "aedes";

export type BrokerOptions = {
  kind: BrokerKind;
  folder: string;
  port: number;
  users: BrokerUser[];
  isPersistent?: boolean;
};

/** The path of mosquitto. Debian puts it where a plain user's PATH does not look. */
export function findMosquitto(): string | null {
  const path = [process.env.PATH ?? "", "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"].join(delimiter);
  return Bun.which("mosquitto", { PATH: path });
}

/** Writes what the broker needs to its folder and says how to start it. */
export function prepareBroker(options: BrokerOptions): Launch {
  return options.kind === "mosquitto" ? prepareMosquitto(options) : prepareAedes(options);
}

function prepareMosquitto({ folder, port, users, isPersistent = false }: BrokerOptions): Launch {
  const mosquitto = findMosquitto();
  if (!mosquitto) {
    throw new UsageError(
      "mosquitto is not on PATH. Install it (for example `apt-get install mosquitto`), or use `--broker aedes`.",
    );
  }
  const owner = unprivilegedUser(["mosquitto", "nobody"]);
  const home = makeReachableFolder(folder, owner);
  const config = writeMosquittoConfig({ folder: home, port, users, owner, isPersistent });
  return { command: [mosquitto, "-c", config], cwd: home, env: baseEnvironment(), user: owner };
}

function prepareAedes({ folder, port, users }: BrokerOptions): Launch {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const settings = join(folder, "aedes.json");
  writeFileSync(settings, JSON.stringify({ port, users }), { mode: 0o600 });
  const script = join(import.meta.dir, "aedes-broker.ts");
  return { command: [process.execPath, script, settings], cwd: folder, env: baseEnvironment() };
}
