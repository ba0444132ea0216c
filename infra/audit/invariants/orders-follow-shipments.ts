import { type Dossier, eventOf, hasHeard, isKept, type LogEntry } from "../dossier.ts";
import type { DossierInvariant } from "../dossier-invariant.ts";

/** What a shipment told, and which states an order may be in that has heard it. */
const steps = [
  { type: "shipment.dispatched", states: ["shipped", "delivered"] },
  { type: "shipment.delivered", states: ["delivered"] },
];

export const ordersFollowShipments: DossierInvariant = {
  name: "orders-follow-shipments",
  law: "An order is shipped and delivered once it has heard so from worker, and not before.",
  databases: ["order", "worker"],
  check(dossier, books) {
    if (!dossier.order || !isKept(dossier, books, "worker")) return undefined;
    return steps.flatMap(({ type, states }) => {
      const told = eventOf(dossier.shipmentLog, type);
      return problemsOf(dossier, { type, states, told, isHeard: hasHeard(dossier, books, "order", told) });
    });
  },
};

type Step = { type: string; states: string[]; told: LogEntry | undefined; isHeard: boolean };

function problemsOf({ order }: Dossier, { type, states, told, isHeard }: Step): string[] {
  const status = order?.status ?? "";
  if (isHeard && !states.includes(status)) return [`is ${status}, and has heard ${type} at ${told?.position}`];
  if (states.includes(status) && !told) return [`is ${status}, and worker never told ${type}`];
  return [];
}
