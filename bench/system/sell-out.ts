import postgres from "postgres";
import type { Customers } from "./accounts.ts";
import type { BenchSystem } from "./bench-system.ts";
import { scarceStock, skuCount, skuOf } from "./draw-lines.ts";
import { placeRound } from "./place-round.ts";

/** How many units of the scarce products there were, and how many of them orders hold or have bought. */
export type Sold = { units: number; sold: number };

/** Neither more than there was, nor less: whoever could have had a unit was not refused. */
export function isExact(sold: Sold | undefined): boolean {
  return sold === undefined || sold.sold === sold.units;
}

const clients = 32;
const seconds = 5;
const maxRounds = 12;

/** Goes on ordering until nothing of the scarce products is left, at most a minute, and counts what was sold. */
export async function sellOut(shop: { bench: BenchSystem; customers: Customers }): Promise<Sold> {
  const sql = postgres(await shop.bench.databaseUrl("inventory"), { max: 1 });
  try {
    for (let round = 0; round < maxRounds && (await unitsLeft(sql)) > 0; round++) {
      const load = { clients, seconds, warmUpSeconds: 0, seed: 1_000_000 * (round + 1) };
      await placeRound(shop, { ...load, scenario: "scarce" });
    }
    const [row] = await sql<{ sold: number }[]>`
      select coalesce(sum(quantity), 0)::int as sold from reservation
      where status <> 'released' and sku like ${scarceSkus}`;
    return { units: skuCount * scarceStock, sold: row?.sold ?? 0 };
  } finally {
    await sql.end();
  }
}

const scarceSkus = `${skuOf("scarce", 0).slice(0, -4)}%`;

async function unitsLeft(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ left: number }[]>`
    select coalesce(sum(on_hand - reserved), 0)::int as left from stock where sku like ${scarceSkus}`;
  return row?.left ?? 0;
}
