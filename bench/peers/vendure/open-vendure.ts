import { join } from "node:path";
import { openPeer } from "../open-peer.ts";
import { type Books, type Place, type Shop, type ShopSoftware, shelf } from "../shop.ts";
import { withDatabase } from "../with-database.ts";
import { dependencies } from "./app/package.json";
import { signIn } from "./vendure-customer.ts";

export const vendure: ShopSoftware = {
  ...{ name: "vendure", version: dependencies["@vendure/core"], requestsPerOrder: 1, open },
};

const mailbox = join(import.meta.dir, "../../../tools/mailbox/main.ts");

/** Servers, and a worker that sends confirmations, from a queue in the database; no admin pages, assets or search. */
function open({ folder, servers }: Place): Promise<Shop> {
  return openPeer({ app: join(import.meta.dir, "app"), folder }, async ({ databaseUrl, processes }) => {
    const smtpPort = await processes.listen("mailbox", (port) => ({
      command: [process.execPath, mailbox],
      env: { SMTP_PORT: String(port), MAILBOX_PORT: "0" },
    }));
    const env = { DATABASE_URL: databaseUrl, SMTP_PORT: String(smtpPort) };
    await processes.run("prepare", ["node", "prepare.mjs"], { ...env, PRODUCTS: JSON.stringify(shelf()) });
    await withDatabase(databaseUrl, (sql) => sql`vacuum analyze`);
    const ports: number[] = [];
    const node = (file: string) => (port: number) => ({ command: ["node", file], env: { ...env, PORT: String(port) } });
    for (let number = 1; number <= servers; number++)
      ports.push(await processes.listen(`server-${number}`, node("server.mjs")));
    await processes.listen("worker", node("worker.mjs"));
    return {
      customer: (index) => signIn(`http://127.0.0.1:${ports[index % ports.length]}/shop-api`, index),
      books: () => readBooks(databaseUrl),
    };
  });
}

async function readBooks(databaseUrl: string): Promise<Books> {
  const [books] = await withDatabase(
    databaseUrl,
    (sql) => sql<Books[]>`
      select count(distinct o.id)::int as orders, coalesce(sum(line.quantity), 0)::int as units,
        (select sum("stockAllocated")::int from stock_level) as reserved
      from "order" o join order_line line on line."orderId" = o.id where o.state = 'PaymentSettled'`,
  );
  return books ?? { orders: 0, units: 0, reserved: 0 };
}
