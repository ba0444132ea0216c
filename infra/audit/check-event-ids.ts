import type postgres from "postgres";
import { mergeSorted } from "./merge-sorted.ts";
import type { AuditedService } from "./parts-sql.ts";
import { type AuditFinding, createTally } from "./tally.ts";

const producers = ["order", "inventory", "worker"] as const;
const subject = {
  name: "event-ids",
  law: "No two events have one id, whoever produced them.",
  databases: [...producers],
};

/** Walks the ids of all events in their order, holding some thousand at a time. */
export async function checkEventIds(
  connections: Record<AuditedService, postgres.Sql>,
  maxExamples: number,
): Promise<AuditFinding> {
  const tally = createTally(subject, maxExamples);
  const startedAt = performance.now();
  for await (const { key, found } of mergeSorted(producers.map((service) => readIds(connections[service])))) {
    tally.looked(found.length);
    const [first, second] = found;
    if (!first || !second) continue;
    const places = found.map(([source, { place }]) => `${producers[source]} ${place}`);
    tally.found(key, `is at ${places.join(" and at ")}`);
  }
  tally.took(performance.now() - startedAt);
  return tally.finding();
}

type Row = { key: string; place: string };

async function* readIds(sql: postgres.Sql): AsyncGenerator<Row> {
  const query = sql<Row[]>`select id::text as key, stream || '@' || position as place from event order by id`;
  for await (const rows of query.cursor(5_000)) yield* rows;
}
