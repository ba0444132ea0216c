import { eventOf, hasHeard, isKept } from "../dossier.ts";
import type { DossierInvariant } from "../dossier-invariant.ts";

export const stockAnswersOrders: DossierInvariant = {
  name: "stock-answers-orders",
  law: "Inventory reserves for each order that it has heard of, or rejects it: once.",
  databases: ["order", "inventory"],
  check(dossier, books) {
    const created = eventOf(dossier.orderLog, "order.created");
    if (!created || !isKept(dossier, books, "inventory")) return undefined;
    const answers = dossier.stockLog.filter(({ type }) => type === "stock.reserved" || type === "stock.rejected");
    const isDue = hasHeard(dossier, books, "inventory", created);
    if (answers.length > 1 || (isDue && answers.length === 0))
      return [`order.created at ${created.position} was answered ${answers.length} times`];
    return [];
  },
};
