import { eventOf, hasHeard } from "../dossier.ts";
import type { DossierInvariant } from "../dossier-invariant.ts";

export const endedOrdersHoldNothing: DossierInvariant = {
  name: "ended-orders-hold-nothing",
  law: "A rejected order never holds stock, and a cancelled one none once inventory has heard of it.",
  databases: ["order", "inventory"],
  check(dossier, books) {
    const { order, reservations, orderLog } = dossier;
    if (order?.status !== "rejected" && order?.status !== "cancelled") return undefined;
    const mayStillHold =
      order.status === "cancelled" && !hasHeard(dossier, books, "inventory", eventOf(orderLog, "order.cancelled"));
    return reservations
      .filter(({ status }) => status === "sold" || (status === "held" && !mayStillHold))
      .map(({ status, sku, quantity }) => `is ${order.status}, and ${quantity} × ${sku} are ${status}`);
  },
};
