import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withFileLock } from "../embedded/file-lock.ts";
import { startPostgres } from "../embedded/postgres.ts";
import { isAlive } from "../embedded/process-state.ts";
import { stateFolder } from "../embedded/repository-root.ts";

const folder = join(stateFolder, "test/postgres");
const leases = join(stateFolder, "test/leases");
const ownLease = join(leases, String(process.pid));

export type SharedPostgres = { url: string; leave(): Promise<void> };

/**
 * The PostgreSQL that all test runs of this checkout share. Each holds a lease; the last one to leave stops the
 * server. It does not survive a power cut (fsync off), and nothing in it should.
 */
export async function shareTestPostgres(): Promise<SharedPostgres> {
  mkdirSync(leases, { recursive: true });
  writeFileSync(ownLease, ""); // Before the start: whoever is about to stop the server must see it.
  const postgres = await startPostgres({ folder, isDurable: false, maxConnections: 500 });
  return { url: postgres.url, leave: () => leave(postgres.stop) };
}

function leave(stop: () => Promise<void>): Promise<void> {
  return withFileLock(`${folder}.lock`, async () => {
    rmSync(ownLease, { force: true });
    if (!isLeased()) await stop();
  });
}

function isLeased(): boolean {
  const holders = readdirSync(leases).map(Number);
  for (const pid of holders.filter((holder) => !isAlive(holder))) rmSync(join(leases, String(pid)), { force: true });
  return holders.some(isAlive);
}
