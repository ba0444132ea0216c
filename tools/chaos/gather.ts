import { join } from "node:path";
import type { ChaosSystem } from "./chaos-system.ts";
import { openAccounts } from "./clients/accounts.ts";
import { createCallLog } from "./clients/call-log.ts";
import type { Crowd } from "./clients/crowd.ts";
import { stockShelves } from "./clients/stock-shelves.ts";
import { customers, type Product } from "./clients/visits.ts";
import { createWitness } from "./clients/witness.ts";

/** Fills the shelves, and signs in whoever will buy from them. */
export async function gather(system: ChaosSystem, products: Product[]): Promise<Crowd> {
  const { operator } = (await system.run()).demo;
  const accounts = await openAccounts(system.gateway, { customers, operator });
  await stockShelves(accounts.operator, products);
  return { ...accounts, witness: createWitness(join(system.state, "witness.jsonl")), log: createCallLog() };
}
