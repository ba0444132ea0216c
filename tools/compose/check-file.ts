import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";

export type CheckFile = { file: string; given: Record<string, string> };

/**
 * Writes a Compose file beside compose.yaml: the catcher of `bun run up` is in Mailpit's place, so that a check needs no image
 * beside those of the default `up`, and some secrets are given as files, as an installation may.
 */
export function writeCheckFile(folder: string): CheckFile {
  const given = { AUTH_SECRET: Bun.randomUUIDv7().repeat(2), ORDER_OWNER_PASSWORD: Bun.randomUUIDv7() };
  mkdirSync(join(folder, "given"), { recursive: true });
  for (const [name, value] of Object.entries(given)) writeFileSync(join(folder, "given", name), `${value}\n`);
  const secrets = {
    environment: Object.keys(given).map((name) => `${name}_FILE=/given/${name}`),
    volumes: [`${join(folder, "given")}:/given:ro`],
  };
  writeFileSync(join(folder, "given/SMTP_URL"), "smtp://mailpit:1025\n");
  const notify = {
    environment: { SMTP_URL: "", SMTP_URL_FILE: "/given/SMTP_URL" },
    volumes: [`${join(folder, "given/SMTP_URL")}:/given/SMTP_URL:ro`],
  };
  const mailpit = {
    image: "oven/bun:1.4.5-slim",
    entrypoint: ["bun"],
    command: ["tools/mailbox/main.ts"],
    working_dir: "/checkout",
    volumes: [`${repositoryRoot}:/checkout:ro`],
    environment: { MAILBOX_HOST: "0.0.0.0", MAILBOX_PORT: "8025", SMTP_PORT: "1025" },
  };
  const file = join(folder, "check.json");
  writeFileSync(file, JSON.stringify({ services: { secrets, notify, mailpit } }, null, 2));
  return { file, given };
}
