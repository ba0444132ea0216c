import { join } from "node:path";
import { UsageError } from "@orderflow/tools/install/usage-error";
import { openPeer } from "../open-peer.ts";
import { type Books, type Place, type Shop, type ShopSoftware, shelf } from "../shop.ts";
import { withDatabase } from "../with-database.ts";
import { dependencies } from "./app/package.json";
import { type MedusaShop, signIn } from "./medusa-customer.ts";

export const medusa: ShopSoftware = {
  ...{ name: "medusa", version: dependencies["@medusajs/medusa"], requestsPerOrder: 5, open },
};

const cli = ["node", "node_modules/@medusajs/cli/cli.js"];

/** Servers and a worker, with Redis for events, locks and workflows; no admin pages, and no mails, for which it has no sender. */
async function open({ folder, servers }: Place): Promise<Shop> {
  if (!Bun.which("redis-server")) throw new UsageError("medusa needs redis-server, which is not on PATH");
  return openPeer({ app: join(import.meta.dir, "app"), folder }, async ({ databaseUrl, processes }) => {
    const redisPort = await processes.listen("redis", (port) => ({
      command: ["redis-server", "redis.conf", "--port", String(port), "--dir", folder],
    }));
    const shopFile = join(folder, "shop.json");
    const env = {
      ...{ DATABASE_URL: databaseUrl, REDIS_URL: `redis://127.0.0.1:${redisPort}`, LOG_LEVEL: "error" },
      ...{ JWT_SECRET: crypto.randomUUID(), COOKIE_SECRET: crypto.randomUUID(), MEDUSA_DISABLE_TELEMETRY: "true" },
      ...{ WORKER_MODE: "server", SHOP_FILE: shopFile },
    };
    await processes.run("migrate", [...cli, "db:migrate"], env);
    const products = { PRODUCTS: JSON.stringify(shelf()) };
    await processes.run("prepare", [...cli, "exec", "./src/scripts/prepare.js"], { ...env, ...products });
    await withDatabase(databaseUrl, (sql) => sql`vacuum analyze`);
    const shop: MedusaShop = await Bun.file(shopFile).json();
    const start = (mode: string) => (port: number) => ({
      command: [...cli, "start", "--host", "127.0.0.1", "--port", String(port)],
      env: { ...env, WORKER_MODE: mode },
    });
    const ports: number[] = [];
    for (let number = 1; number <= servers; number++)
      ports.push(await processes.listen(`server-${number}`, start("server")));
    await processes.listen("worker", start("worker"));
    return {
      customer: (index) => signIn(`http://127.0.0.1:${ports[index % ports.length]}`, shop, index),
      books: () => readBooks(databaseUrl),
    };
  });
}

async function readBooks(databaseUrl: string): Promise<Books> {
  const [books] = await withDatabase(
    databaseUrl,
    (sql) => sql<Books[]>`
      select (select count(*)::int from "order" where canceled_at is null and deleted_at is null) as orders,
        (select coalesce(sum(quantity), 0)::int from order_item where deleted_at is null) as units,
        (select coalesce(sum(reserved_quantity), 0)::int from inventory_level) as reserved`,
  );
  return books ?? { orders: 0, units: 0, reserved: 0 };
}
