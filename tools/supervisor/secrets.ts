import { randomBytes, randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createServiceKeys, type ServiceKeys } from "@orderflow/common/auth/key-pair";
import { brokerUserNames } from "@orderflow/infra/broker/broker-users";
import { writePrivateFile } from "../../infra/private-file.ts";
import { serviceNames } from "../embedded/service-names.ts";

export type DemoAccounts = Record<"customer" | "operator", { email: string; password: string }>;

export type Secrets = {
  serviceKeys: ServiceKeys;
  databasePasswords: Record<string, string>;
  brokerPasswords: Record<string, string>;
  authSecret: string;
  demo: DemoAccounts;
};

/** The secrets of this state folder: made once, at random, readable by the owner alone. */
export async function loadSecrets(stateFolder: string): Promise<Secrets> {
  const file = join(stateFolder, "secrets.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Secrets;
  const secrets = await makeSecrets();
  mkdirSync(stateFolder, { recursive: true });
  writePrivateFile(file, JSON.stringify(secrets, null, 2));
  return secrets;
}

async function makeSecrets(): Promise<Secrets> {
  return {
    serviceKeys: await createServiceKeys([...serviceNames]),
    databasePasswords: randomPasswords([...serviceNames]),
    brokerPasswords: randomPasswords(brokerUserNames),
    authSecret: randomBytes(32).toString("base64url"),
    demo: {
      customer: { email: "customer@example.com", password: readablePassword() },
      operator: { email: "operator@example.com", password: readablePassword() },
    },
  };
}

function randomPasswords(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, randomBytes(18).toString("hex")]));
}

const first = [
  "amber",
  "brisk",
  "calm",
  "dusty",
  "early",
  "gentle",
  "lucky",
  "mellow",
  "quiet",
  "rapid",
  "sunny",
  "tidy",
];
const second = [
  "badger",
  "crane",
  "falcon",
  "heron",
  "lynx",
  "marten",
  "otter",
  "plover",
  "robin",
  "stoat",
  "tern",
  "wren",
];

/** Fit to be read from a screen and typed; it guards a demo account on one's own machine, nothing more. */
function readablePassword(): string {
  const pick = (words: string[]) => words[randomInt(words.length)];
  return `${pick(first)}-${pick(second)}-${randomInt(100_000, 1_000_000)}`;
}
