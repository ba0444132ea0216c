import postgres from "postgres";
import { placeRound, type Round } from "../system/place-round.ts";
import type { GrowthOptions } from "./growth-options.ts";
import { type OpenShop, openShop } from "./open-shop.ts";

export type PruneRow = Round & { when: "while pruning" | "when pruned"; prunedEvents: number; seconds: number };

/** As soon as the services have started. */
const soon = { PRUNE_INTERVAL_S: "1" };
const lookMs = 2_000;
const fewEvents = 1_000;
const maxWaitMs = 900_000;

/** Opens the shop anew and lets it prune what is due; orders are placed meanwhile, and once more when it is done. */
export async function pruneRounds(state: string, options: GrowthOptions): Promise<PruneRow[]> {
  const shop = await openShop("grown", state, soon);
  try {
    const rows = [await measure(shop, "while pruning", options)];
    await untilPruned(shop);
    rows.push(await measure(shop, "when pruned", options));
    return rows;
  } finally {
    await shop.bench.stop();
  }
}

/** Until it deletes no more than what comes of age meanwhile. */
async function untilPruned(shop: OpenShop): Promise<void> {
  const startedAt = performance.now();
  for (let before = await prunedEvents(shop); ; ) {
    await Bun.sleep(lookMs);
    const now = await prunedEvents(shop);
    if (now - before < fewEvents) return;
    if (performance.now() - startedAt > maxWaitMs) throw new Error("pruning did not come to an end");
    before = now;
  }
}

async function measure(shop: OpenShop, when: PruneRow["when"], options: GrowthOptions): Promise<PruneRow> {
  const [startedAt, before] = [performance.now(), await prunedEvents(shop)];
  const round = await placeRound(shop, { ...options, scenario: "uniform" });
  const seconds = (performance.now() - startedAt) / 1_000;
  return { ...round, when, prunedEvents: (await prunedEvents(shop)) - before, seconds };
}

/** How many events the logs of a shop no longer have. */
async function prunedEvents({ bench }: OpenShop): Promise<number> {
  const counts = await Promise.all(
    ["order", "inventory", "worker"].map(async (service) => {
      const sql = postgres(await bench.databaseUrl(service), { max: 1 });
      try {
        const [row] = await sql<{ gone: number }[]>`
          select sum(floor.position - 1)::float8 as gone from stream cross join lateral
            (select position from event where stream = stream.name order by position limit 1) floor`;
        return row?.gone ?? 0;
      } finally {
        await sql.end();
      }
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
