import { pbkdf2Sync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BrokerUser } from "./broker-users.ts";
import { giveTo, type SystemUser } from "./unprivileged-user.ts";

export type MosquittoOptions = { folder: string; port: number; users: BrokerUser[]; owner: SystemUser | undefined };

/** Writes configuration, passwords and access rules to the folder. Returns the path of the configuration. */
export function writeMosquittoConfig({ folder, port, users, owner }: MosquittoOptions): string {
  const write = (name: string, lines: string[]) => {
    const path = join(folder, name);
    writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
    giveTo(owner, path);
    return path;
  };
  const passwords = write("passwords", users.map(passwordLine));
  const rules = write("access-rules", users.flatMap(ruleLines));
  return write("mosquitto.conf", configLines({ port, passwords, rules }));
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
    // PostgreSQL is the record: what the broker forgets, a consumer reads from its producer.
    "persistence false",
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

/** Mosquitto's `$7$` format: PBKDF2 with SHA-512. The passwords are random, so few rounds are enough. */
function passwordLine(user: BrokerUser): string {
  const [rounds, salt] = [101, randomBytes(12)];
  const hash = pbkdf2Sync(user.password, salt, rounds, 64, "sha512");
  return `${user.name}:$7$${rounds}$${salt.toString("base64")}$${hash.toString("base64")}`;
}

function ruleLines(user: BrokerUser): string[] {
  return [
    `user ${user.name}`,
    ...user.mayPublish.map((filter) => `topic write ${filter}`),
    ...user.mayRead.map((filter) => `topic read ${filter}`),
  ];
}
