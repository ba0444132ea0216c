import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startPostgres } from "@orderflow/tools/embedded/postgres";
import { UsageError } from "@orderflow/tools/install/usage-error";
import { forgetState } from "@orderflow/tools/supervisor/fresh-start";
import { removeTemporaryFolders, temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { createPeerProcesses, type PeerProcesses } from "./peer-processes.ts";
import type { Shop } from "./shop.ts";

type Parts = { databaseUrl: string; processes: PeerProcesses };

/**
 * Copies what runs the shop from `app` into the folder, installs what its package.json names, which takes seconds the second
 * time, and starts it beside a PostgreSQL of ours that is empty. With Node and npm: that is what its makers support.
 */
export async function openPeer(
  { app, folder }: { app: string; folder: string },
  start: (parts: Parts) => Promise<Pick<Shop, "customer" | "books">>,
): Promise<Shop> {
  await install(app, folder);
  const state = temporaryFolder();
  const postgres = await startPostgres({ folder: join(state, "postgres") });
  const processes = createPeerProcesses(folder);
  const stop = async () => {
    await processes.stop();
    await postgres.stop();
    forgetState(state); // What PostgreSQL could not keep in there lies elsewhere.
    removeTemporaryFolders();
  };
  // Ctrl-C reaches the shop's processes as well, but not PostgreSQL.
  process.once("SIGINT", () => void stop().finally(() => process.exit(130)));
  try {
    const shop = await start({ databaseUrl: postgres.url, processes });
    return { ...shop, stop, pids: async () => ({ ...processes.pids(), postgres: postgres.pid }) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function install(app: string, folder: string): Promise<void> {
  for (const program of ["node", "npm"])
    if (!Bun.which(program)) throw new UsageError(`Other shops need ${program}, which is not on PATH`);
  await mkdir(folder, { recursive: true });
  await cp(app, folder, { recursive: true });
  const command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const child = Bun.spawn(command, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  if ((await child.exited) !== 0) throw new Error(`npm install failed in ${folder}`);
}
