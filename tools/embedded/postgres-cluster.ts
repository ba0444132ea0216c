import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../install/usage-error.ts";
import { findPostgresBinaries, type PostgresBinaries } from "./postgres-binaries.ts";
import { libraryFolder, reachableBinaries } from "./postgres-libraries.ts";
import { makeReachableFolder } from "./reachable-folder.ts";
import { giveTo, type SystemUser, unprivilegedUser } from "./unprivileged-user.ts";

/** A data folder with everything needed to run it. */
export type PostgresCluster = {
  folder: string;
  dataFolder: string;
  password: string;
  binary: string;
  major: number;
  source: string;
  env: Record<string, string>;
  user: SystemUser | undefined;
};

/** Makes the data folder of a private PostgreSQL, or finds the one made before. `wantedFolder` must be ours alone. */
export async function preparePostgresCluster(wantedFolder: string): Promise<PostgresCluster> {
  const user = unprivilegedUser(["postgres", "nobody"]);
  const folder = makeReachableFolder(wantedFolder, user);
  const dataFolder = join(folder, "data");
  chmodSync(folder, 0o700);
  const binaries = reachableBinaries(chooseBinaries(dataFolder), folder, user);
  const cluster: PostgresCluster = {
    folder,
    dataFolder,
    password: readOrMakePassword(folder),
    binary: join(binaries.binFolder, "postgres"),
    major: binaries.major,
    source: binaries.source,
    env: { ...environment(), ...libraryPath(binaries, folder) },
    user,
  };
  if (!existsSync(join(dataFolder, "PG_VERSION"))) await initialise(cluster, binaries);
  return cluster;
}

function chooseBinaries(dataFolder: string): PostgresBinaries {
  const candidates = findPostgresBinaries();
  const versionFile = join(dataFolder, "PG_VERSION");
  const made = existsSync(versionFile) ? Number.parseInt(readFileSync(versionFile, "utf8"), 10) : undefined;
  const chosen = made === undefined ? candidates[0] : candidates.find((binaries) => binaries.major === made);
  if (chosen) return chosen;
  if (candidates.length === 0) {
    throw new UsageError(
      `No PostgreSQL 15 or newer was found for ${process.platform}-${process.arch}. Install one (for example \`apt-get install postgresql\`), or set DATABASE_URL to a running server.`,
    );
  }
  const found = [...new Set(candidates.map((binaries) => binaries.major))].join(", ");
  throw new UsageError(
    `${dataFolder} was made by PostgreSQL ${made}, but only version ${found} is here. Start empty with \`bun run up --fresh\`, or install PostgreSQL ${made}.`,
  );
}

async function initialise(cluster: PostgresCluster, binaries: PostgresBinaries): Promise<void> {
  const passwordFile = join(cluster.folder, "initdb-password");
  rmSync(cluster.dataFolder, { recursive: true, force: true });
  writeFileSync(passwordFile, cluster.password, { mode: 0o600 });
  giveTo(cluster.user, passwordFile);
  const locale =
    binaries.major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] : ["--locale=C"];
  const access = ["-U", "postgres", "--pwfile", passwordFile, "-A", "scram-sha-256"];
  const child = Bun.spawn(
    [
      join(binaries.binFolder, "initdb"),
      "-D",
      cluster.dataFolder,
      ...access,
      "-E",
      "UTF8",
      "--no-sync",
      "--no-instructions",
      ...locale,
    ],
    { env: cluster.env, cwd: cluster.folder, ...cluster.user, stdin: "ignore", stdout: "ignore", stderr: "pipe" },
  );
  const [exitCode, errors] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  rmSync(passwordFile, { force: true });
  if (exitCode === 0) return;
  rmSync(cluster.dataFolder, { recursive: true, force: true });
  throw new Error(`PostgreSQL could not make its data folder ${cluster.dataFolder}: ${errors.trim()}`);
}

function readOrMakePassword(folder: string): string {
  const file = join(folder, "password");
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}

/** PostgreSQL gets no variable of the caller that could change how it works (PGDATA, LANG). */
function environment(): Record<string, string> {
  return { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}

function libraryPath(binaries: PostgresBinaries, folder: string): Record<string, string> {
  if (!binaries.libFolder) return {};
  return { LD_LIBRARY_PATH: libraryFolder(binaries.libFolder, folder) };
}
