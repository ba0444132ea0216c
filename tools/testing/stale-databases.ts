import { isAlive } from "../embedded/process-state.ts";
import { adminConnection } from "./admin-connection.ts";

/** Drops the databases of test runs that ended without doing so. Only where the server is ours: pids mean nothing elsewhere. */
export async function dropStaleDatabases(): Promise<void> {
  if (process.env.TEST_DATABASE_IS_PRIVATE !== "true") return;
  const admin = adminConnection();
  try {
    const rows: { datname: string }[] = await admin`select datname from pg_database where datname like 'test\\_%'`;
    for (const { datname } of rows) {
      const pid = Number(datname.split("_")[1]);
      if (!isAlive(pid)) await admin.unsafe(`drop database if exists "${datname}" with (force)`);
    }
  } finally {
    await admin.close();
  }
}
