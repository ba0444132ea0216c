import { pbkdf2Sync, randomBytes } from "node:crypto";
import type { BrokerUser } from "./broker-users.ts";

/** The text of Mosquitto's password_file. The passwords are random, so few rounds of PBKDF2 are enough. */
export function passwordFile(users: BrokerUser[]): string {
  return asText(users.map(passwordLine));
}

/** The text of Mosquitto's acl_file. What it does not name is refused. */
export function accessRules(users: BrokerUser[]): string {
  return asText(users.flatMap(ruleLines));
}

/** Mosquitto's `$7$` format: PBKDF2 with SHA-512. */
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

function asText(lines: string[]): string {
  return `${lines.join("\n")}\n`;
}
