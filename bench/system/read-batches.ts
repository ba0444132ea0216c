import type { BenchSystem } from "./bench-system.ts";

export type Batches = { items: number; count: number };

/** What order has committed together so far, as its metrics say. */
export async function readBatches({ system }: BenchSystem): Promise<Batches> {
  const { services } = await system.run();
  const url = services.find(({ name }) => name === "order")?.url ?? "";
  const text = await (await fetch(`${url}/metrics`)).text();
  const read = (part: "sum" | "count") => {
    const pattern = new RegExp(`^group_commit_batch_items_${part}\\{[^}]*name="order\\.place"[^}]*\\} (\\S+)`, "m");
    return Number(pattern.exec(text)?.[1] ?? 0);
  };
  return { items: read("sum"), count: read("count") };
}
