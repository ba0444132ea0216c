import { eventOf, hasHeard } from "../dossier.ts";
import type { DossierInvariant } from "../dossier-invariant.ts";

export const cancelledIsNotShipped: DossierInvariant = {
  name: "cancelled-is-not-shipped",
  law: "A cancelled order is never on its way, and its shipment is cancelled once worker has heard of it.",
  databases: ["order", "worker"],
  check(dossier, books) {
    const { order, orderLog, shipments, shipmentLog } = dossier;
    if (order?.status !== "cancelled") return undefined;
    const told = shipmentLog.map(({ type, position }) => `is cancelled, and ${type} was told at ${position}`);
    const isHeard = hasHeard(dossier, books, "worker", eventOf(orderLog, "order.cancelled"));
    const going = shipments.filter(
      ({ status }) => status === "dispatched" || status === "delivered" || (isHeard && status !== "cancelled"),
    );
    return [...told, ...going.map(({ status }) => `is cancelled, and its shipment is ${status}`)];
  },
};
