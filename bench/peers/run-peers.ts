import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { buyOut, type Measured, measureShop } from "./measure-shop.ts";
import { medusa } from "./medusa/open-medusa.ts";
import { orderflow } from "./open-orderflow.ts";
import type { PeersOptions, ShopName } from "./peers-options.ts";
import type { ShopSoftware } from "./shop.ts";
import { type PeerReport, showBooks, showPeers } from "./show-peers.ts";
import { vendure } from "./vendure/open-vendure.ts";

const software: Record<ShopName, ShopSoftware> = { orderflow, medusa, vendure };
const clientsOfBuyOut = 8;

/** Measures one shop after another. Returns the exit code. */
export async function runPeers(options: PeersOptions): Promise<number> {
  const reports: PeerReport[] = [];
  for (const name of options.shops) reports.push(await measureSoftware(software[name], options));
  console.log(`\n${showPeers(reports)}\n\nThe books, and the last units of one product\n${showBooks(reports)}`);
  if (options.json) await Bun.write(options.json, `${JSON.stringify(reports, null, 2)}\n`);
  const ours = reports.find(({ name }) => name === orderflow.name);
  return ours && ours.buyOut.sold !== ours.buyOut.units ? 1 : 0;
}

async function measureSoftware({ name, version, requestsPerOrder, open }: ShopSoftware, options: PeersOptions) {
  const { seconds, warmUpSeconds, seed, servers } = options;
  const folder = resolve(join(options.folder, name));
  await mkdir(folder, { recursive: true });
  console.log(`${name} ${version} …`);
  const shop = await open({ folder, servers });
  try {
    const rows: Measured[] = [];
    for (const clients of options.clients) {
      const row = await measureShop(shop, { clients, seconds, warmUpSeconds, seed });
      console.log(`  ${clients} clients: ${row.ordersPerS.toPrecision(3)} orders/s ${row.failures.join("; ")}`);
      rows.push(row);
    }
    const books = await shop.books();
    const last = await buyOut(shop, clientsOfBuyOut);
    console.log(`  ${last.sold} of ${last.units} last units sold ${last.failures.join("; ")}`);
    return { name, version, requestsPerOrder, rows, books, buyOut: last };
  } finally {
    await shop.stop();
  }
}
