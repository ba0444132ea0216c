import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrokerUser } from "@orderflow/infra/broker/broker-users";
import { accessRules, passwordFile } from "@orderflow/infra/broker/mosquitto-files";
import { giveTo, type SystemUser } from "./unprivileged-user.ts";

export type MosquittoOptions = {
  folder: string;
  port: number;
  users: BrokerUser[];
  owner: SystemUser | undefined;
  /** Retained messages and sessions are saved every second, and found again after a kill. */
  isPersistent: boolean;
};

export const brokerDiskFile = "mosquitto.db";

/** Writes configuration, passwords and access rules to the folder. Returns the path of the configuration. */
export function writeMosquittoConfig({ folder, port, users, owner, isPersistent }: MosquittoOptions): string {
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    giveTo(owner, path);
    return path;
  };
  const passwords = write("passwords", passwordFile(users));
  const rules = write("access-rules", accessRules(users));
  // PostgreSQL is the record: what the broker forgets, a consumer reads from its producer.
  const disk = isPersistent
    ? [
        "persistence true",
        `persistence_location ${folder}/`,
        `persistence_file ${brokerDiskFile}`,
        "autosave_interval 1",
      ]
    : ["persistence false"];
  return write("mosquitto.conf", `${[...configLines({ port, passwords, rules }), ...disk].join("\n")}\n`);
}

function configLines(options: { port: number; passwords: string; rules: string }): string[] {
  return [
    // Security settings are of the broker, not of each listener: the default, said here to keep it so.
    "per_listener_settings false",
    `listener ${options.port} 127.0.0.1`,
    "allow_anonymous false",
    `password_file ${options.passwords}`,
    `acl_file ${options.rules}`,
    // With Nagle's algorithm on either end a message waits for the acknowledgement of the one before it.
    "set_tcp_nodelay true",
    "message_size_limit 1048576",
    "max_inflight_messages 1000",
    "max_queued_messages 100000",
    "log_dest stderr",
    "log_timestamp false",
    "log_type error",
    "log_type warning",
    "connection_messages false",
  ];
}
