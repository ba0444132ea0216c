import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../testing/eventually.ts";
import { placeMany, type Shop } from "./customer.ts";
import type { Engine } from "./engine.ts";
import type { Override } from "./override.ts";
import { type Steps, untilReady } from "./report.ts";

type Check = Steps & { engine: Engine; gateway: string; override: Override };

/** As `compose.override.example.yaml` shows: the doors of order apart, and inventory from the checkout. */
export async function developIt({ engine, gateway, override, step }: Check, shop: Shop): Promise<void> {
  await step("the doors of order apart, inventory from the checkout: 20 orders are delivered", async () => {
    await engine.compose("up", "-d", "--remove-orphans");
    await untilReady(gateway);
    await placeMany(shop, 20);
  });
  await step("a change restarts inventory alone, and an order is delivered", async () => {
    const before = await startsOf(engine);
    appendFileSync(join(override.folder, "main.ts"), "// Changed.\n");
    await eventually(async () => (await startsOf(engine)) > before, { timeoutMs: 60_000, intervalMs: 500 });
    await placeMany(shop, 1);
  });
}

/** Lines of its log that say that it listens. */
async function startsOf(engine: Engine): Promise<number> {
  return (await engine.compose("logs", "--no-color", "inventory")).split("listening").length;
}
