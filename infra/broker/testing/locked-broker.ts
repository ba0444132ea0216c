import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { findMosquitto } from "@orderflow/tools/embedded/broker";
import { freePort, opens } from "@orderflow/tools/embedded/ports";
import { isAlive, stopProcess } from "@orderflow/tools/embedded/process-state";
import { makeReachableFolder } from "@orderflow/tools/embedded/reachable-folder";
import { stateFolder } from "@orderflow/tools/embedded/repository-root";
import { giveTo, unprivilegedUser } from "@orderflow/tools/embedded/unprivileged-user";
import type { Certificates } from "../../testing/certificates.ts";
import { brokerUserNames, brokerUsers } from "../broker-users.ts";
import { accessRules, passwordFile } from "../mosquitto-files.ts";

export type LockedBroker = { port: number; passwords: Record<string, string>; log(): string; stop(): Promise<void> };

type Options = { listener: "plain" | "tls" | "mtls"; certificates?: Certificates };

const source = resolve(import.meta.dir, "../../mosquitto");

/** Mosquitto with the very files of compose.yaml; only the folders and the port are others. */
export async function startLockedBroker({ listener, certificates }: Options): Promise<LockedBroker> {
  const port = await freePort();
  const owner = unprivilegedUser(["mosquitto", "nobody"]);
  const folder = makeReachableFolder(join(stateFolder, "test", `mosquitto-${listener}-${port}`), owner);
  const passwords = Object.fromEntries(brokerUserNames.map((name) => [name, `${name}-password`]));
  const users = brokerUsers(passwords);
  const here = (text: string) => text.replaceAll("/mosquitto/", `${folder}/`);
  const files = {
    "run/passwords": passwordFile(users),
    "run/access-rules": accessRules(users),
    "config/mosquitto.conf": here(readFileSync(join(source, "mosquitto.conf"), "utf8")),
    "config/listener/listener.conf": here(
      readFileSync(join(source, "listeners", listener, "listener.conf"), "utf8"),
    ).replace(/^listener \d+$/m, `listener ${port} 127.0.0.1`),
    ...(certificates
      ? {
          "certs/ca.crt": certificates.ca,
          "certs/server.crt": certificates.server.certificate,
          "certs/server.key": certificates.server.key,
        }
      : {}),
  };
  for (const made of ["data", "run", "config", "config/listener", "certs"]) {
    mkdirSync(join(folder, made), { recursive: true, mode: 0o700 });
    giveTo(owner, join(folder, made));
  }
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    giveTo(owner, join(folder, name));
  }
  const log = join(folder, "log");
  const command = [findMosquitto() ?? "mosquitto", "-c", join(folder, "config/mosquitto.conf")];
  const child = Bun.spawn(command, {
    ...owner,
    cwd: folder,
    stdin: "ignore",
    stdout: Bun.file(log),
    stderr: Bun.file(log),
  });
  if (!(await opens(port, 10_000, () => !isAlive(child.pid)))) {
    throw new Error(`Mosquitto did not open its port: ${readFileSync(log, "utf8")}`);
  }
  return {
    port,
    passwords,
    log: () => readFileSync(log, "utf8"),
    async stop() {
      await stopProcess(child.pid, "SIGTERM", 3_000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
