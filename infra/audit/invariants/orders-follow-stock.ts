import { eventOf, hasHeard, isKept } from "../dossier.ts";
import type { DossierInvariant } from "../dossier-invariant.ts";

const beyondReserved = ["confirmed", "shipped", "delivered"];

export const ordersFollowStock: DossierInvariant = {
  name: "orders-follow-stock",
  law: "An order is confirmed or rejected once it has heard so from inventory, and not before.",
  databases: ["order", "inventory"],
  check(dossier, books) {
    const { order, stockLog } = dossier;
    if (!order || !isKept(dossier, books, "inventory")) return undefined;
    const reserved = eventOf(stockLog, "stock.reserved");
    const rejected = eventOf(stockLog, "stock.rejected");
    const { status } = order;
    const problems: string[] = [];
    if (hasHeard(dossier, books, "order", reserved) && (status === "pending" || status === "rejected"))
      problems.push(`is ${status}, and has heard stock.reserved at ${reserved?.position}`);
    if (hasHeard(dossier, books, "order", rejected) && status !== "rejected" && status !== "cancelled")
      problems.push(`is ${status}, and has heard stock.rejected at ${rejected?.position}`);
    if (beyondReserved.includes(status) && !reserved)
      problems.push(`is ${status}, and inventory never reserved for it`);
    if (status === "rejected" && !rejected) problems.push("is rejected, and inventory never rejected it");
    return problems;
  },
};
