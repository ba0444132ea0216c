import { eventOf, hasHeard, isKept } from "../dossier.ts";
import type { DossierInvariant } from "../dossier-invariant.ts";

export const stockFollowsShipments: DossierInvariant = {
  name: "stock-follows-shipments",
  law: "Stock is sold once inventory has heard of the dispatch, and not before.",
  databases: ["inventory", "worker"],
  check(dossier, books) {
    const { order, reservations, shipmentLog } = dossier;
    if (!order || !isKept(dossier, books, "worker")) return undefined;
    const dispatched = eventOf(shipmentLog, "shipment.dispatched");
    if (!dispatched)
      return reservations
        .filter(({ status }) => status === "sold")
        .map(({ sku }) => `${sku} is sold, and nothing was dispatched`);
    if (!hasHeard(dossier, books, "inventory", dispatched)) return [];
    if (reservations.length === 0)
      return [`inventory has heard shipment.dispatched at ${dispatched.position}, and sold nothing`];
    return reservations
      .filter(({ status }) => status !== "sold")
      .map(
        ({ sku, status }) =>
          `${sku} is ${status}, and inventory has heard shipment.dispatched at ${dispatched.position}`,
      );
  },
};
