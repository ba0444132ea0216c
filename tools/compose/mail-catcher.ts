import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";

/**
 * Writes a Compose file that puts the catcher of `bun run up` in Mailpit's place, so that a check needs no image beside
 * those of the default `up`. Returns its path.
 */
export function writeMailCatcher(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "mail-catcher.json");
  const mailpit = {
    image: "oven/bun:1.4.5-slim",
    entrypoint: ["bun"],
    command: ["tools/mailbox/main.ts"],
    working_dir: "/checkout",
    volumes: [`${repositoryRoot}:/checkout:ro`],
    environment: { MAILBOX_HOST: "0.0.0.0", MAILBOX_PORT: "8025", SMTP_PORT: "1025" },
  };
  writeFileSync(file, JSON.stringify({ services: { mailpit } }, null, 2));
  return file;
}
