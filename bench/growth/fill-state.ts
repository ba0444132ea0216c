import { join, resolve } from "node:path";
import { mapServices } from "@orderflow/infra/audit/snapshots";
import { startPostgres } from "@orderflow/tools/embedded/postgres";
import { UsageError } from "@orderflow/tools/install/usage-error";
import { isClaimed } from "@orderflow/tools/supervisor/claim-state";
import postgres from "postgres";
import { fillDatabases } from "./fill-databases.ts";
import type { FillOptions } from "./fill-options.ts";

const root = join(import.meta.dir, "../..");

/** Makes the state folder with its PostgreSQL, migrates, seeds and fills it. Returns the exit code. */
export async function fillState({ state, ...sizes }: FillOptions): Promise<number> {
  const folder = resolve(state);
  if (await isClaimed(folder)) throw new UsageError(`A system is running from ${folder}. Stop it with: bun run down`);
  const startedAt = performance.now();
  const say = (text: string) => console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s  ${text}`);
  const server = await startPostgres({ folder: join(folder, "postgres") });
  try {
    for (const step of ["migrate", "seed"]) await prepare(step, folder, server.url);
    say(`PostgreSQL is up, its databases are migrated`);
    const urls = mapServices((service) => onServer(server.url, service));
    const customerId = await demoCustomer(onServer(server.url, "gateway"));
    await fillDatabases(urls, { ...sizes, until: new Date(), customerId }, say);
    say(`${sizes.orders} orders and ${sizes.skus} products are in ${folder}`);
    return 0;
  } finally {
    await server.stop();
  }
}

async function prepare(step: string, state: string, serverUrl: string): Promise<void> {
  const child = Bun.spawn([process.execPath, `tools/commands/${step}.ts`], {
    cwd: root,
    env: { ...Bun.env, ORDERFLOW_STATE: state, DATABASE_URL: serverUrl },
    stdio: ["ignore", "ignore", "inherit"],
  });
  if ((await child.exited) !== 0) throw new Error(`${step} ended with ${child.exitCode}`);
}

function onServer(serverUrl: string, service: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/orderflow_${service}`;
  return url.href;
}

/** Whom a reader can sign in as: the account with many orders. */
async function demoCustomer(gatewayUrl: string): Promise<string> {
  const sql = postgres(gatewayUrl, { max: 1 });
  try {
    const [row] = await sql<{ id: string }[]>`select id from "user" where email = 'customer@example.com'`;
    if (!row) throw new Error("the demo customer was not seeded");
    return row.id;
  } finally {
    await sql.end();
  }
}
