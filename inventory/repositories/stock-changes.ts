import type { Fact } from "@orderflow/common/messaging/event";
import type { TransactionSQL } from "bun";
import { type OpenShelves, openShelves } from "../domain/shelves.ts";
import { loadShelves, type Wanted } from "./load-shelves.ts";
import { saveChange } from "./save-change.ts";

export type StockChanges = {
  /**
   * Loads and locks what is wanted, lets `decide` put its changes one after another, and saves them.
   * Answers the facts, for the caller to append last in this transaction.
   */
  changeMany(tx: TransactionSQL, wanted: Wanted, decide: (shelves: OpenShelves) => void): Promise<Fact[]>;
};

type Options = { lowStockThreshold: () => number; now: () => Date };

export function createStockChanges({ lowStockThreshold, now }: Options): StockChanges {
  return {
    async changeMany(tx, wanted, decide) {
      const shelves = openShelves({ ...(await loadShelves(tx, wanted)), lowStockThreshold: lowStockThreshold() });
      decide(shelves);
      const change = shelves.changed();
      await saveChange(tx, change, now());
      return change.facts;
    },
  };
}
