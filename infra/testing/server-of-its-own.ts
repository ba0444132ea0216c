import { rmSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "@orderflow/tools/embedded/postgres";
import { preparePostgresCluster } from "@orderflow/tools/embedded/postgres-cluster";
import { stateFolder } from "@orderflow/tools/embedded/repository-root";
import { SQL } from "bun";

export type ServerOfItsOwn = { url: string; dataFolder: string; stop(): Promise<void> };

/** Roles belong to the whole server, and the one that all tests share must stay as it is. */
export async function startServerOfItsOwn(name: string): Promise<ServerOfItsOwn> {
  const folder = join(stateFolder, `test/${name}-${process.pid}`);
  const postgres = await startPostgres({ folder, isDurable: false });
  const { folder: made, dataFolder } = await preparePostgresCluster(folder);
  return {
    url: postgres.url,
    dataFolder,
    async stop() {
      await postgres.stop();
      for (const path of [made, `${folder}.lock`]) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Runs the statement on a connection of its own. Answers `done`, or what PostgreSQL had against it. */
export async function attempt(url: string, statement: string): Promise<string> {
  const sql = new SQL(url, { max: 1 });
  try {
    await sql.unsafe(statement).simple();
    return "done";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await sql.close();
  }
}
