import type { DossierInvariant } from "../dossier-invariant.ts";

export const nothingWithoutOrder: DossierInvariant = {
  name: "nothing-without-order",
  law: "Nothing is reserved, shipped or told for an order that does not exist.",
  databases: ["order", "inventory", "worker", "notify"],
  check({ order, reservations, stockLog, shipments, shipmentLog, deliveries }) {
    if (order) return [];
    const found = [
      [reservations.length, "reservations"],
      [stockLog.length, "stock events"],
      [shipments.length, "shipments"],
      [shipmentLog.length, "shipment events"],
      [deliveries.length, "deliveries"],
    ] as const;
    const there = found.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    return there.length > 0 ? [`there is no such order, and it has ${there.join(", ")}`] : [];
  },
};
