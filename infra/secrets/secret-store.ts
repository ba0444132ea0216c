import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Environment } from "@orderflow/common/config/read-config";

export type SecretStore = {
  /** The secret as the environment gives it (`NAME`, or `NAME_FILE` with its path), else as it was kept, else a new one. */
  keep(path: string, name: string, make?: () => string): string;
  write(path: string, text: string): void;
};

/** Secrets as files under a folder. A file that has its text already is not touched, so this may run at every start. */
export function createSecretStore(folder: string, environment: Environment): SecretStore {
  const write = (path: string, text: string) => {
    const file = join(folder, path);
    if (existsSync(file) && readFileSync(file, "utf8") === text) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.unfinished`, text);
    // Each folder is a volume that only its owner's container mounts; users there go by other numbers than here.
    chmodSync(`${file}.unfinished`, 0o444);
    renameSync(`${file}.unfinished`, file);
  };
  return {
    write,
    keep(path, name, make = randomPassword) {
      const file = join(folder, path);
      const secret = given(environment, name) ?? (existsSync(file) ? readFileSync(file, "utf8") : make());
      write(path, secret);
      return secret;
    },
  };
}

function given(environment: Environment, name: string): string | undefined {
  const path = environment[`${name}_FILE`];
  if (environment[name] && path) throw new Error(`${name}: given twice, set either ${name} or ${name}_FILE`);
  return environment[name] || (path ? readFileSync(path, "utf8").trimEnd() : undefined);
}

function randomPassword(): string {
  return randomBytes(24).toString("hex");
}
