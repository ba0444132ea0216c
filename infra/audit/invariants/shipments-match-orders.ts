import { eventOf, hasHeard, isKept, sameUnits, toWords } from "../dossier.ts";
import type { DossierInvariant } from "../dossier-invariant.ts";

export const shipmentsMatchOrders: DossierInvariant = {
  name: "shipments-match-orders",
  law: "A confirmed order has one shipment of what was ordered once worker has heard of it, and no other order has any.",
  databases: ["order", "worker"],
  check(dossier, books) {
    const { order, lines, orderLog, shipments } = dossier;
    if (!order || !isKept(dossier, books, "order", "order.commands.worker")) return undefined;
    const command = eventOf(orderLog, "fulfil-order");
    if (!command)
      return shipments.length > 0 ? [`has ${shipments.length} shipments, and worker was never commanded`] : [];
    if (shipments.length > 1) return [`has ${shipments.length} shipments`];
    const [shipment] = shipments;
    if (!shipment) {
      const isDue = hasHeard(dossier, books, "worker", command);
      return isDue ? [`has no shipment, and worker has heard fulfil-order at ${command.position}`] : [];
    }
    // Worker heard that the order was cancelled before it heard the command.
    const isForestalled = shipment.status === "cancelled" && Object.keys(shipment.lines).length === 0;
    if (isForestalled || sameUnits(shipment.lines, lines)) return [];
    return [`ordered ${toWords(lines)}, to be shipped ${toWords(shipment.lines)}`];
  },
};
