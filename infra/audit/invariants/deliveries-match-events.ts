import { type Dossier, hasHeard, isKept, type LogEntry } from "../dossier.ts";
import type { DossierInvariant } from "../dossier-invariant.ts";

export const deliveriesMatchEvents: DossierInvariant = {
  name: "deliveries-match-events",
  law: "Each state of an order is told to its customer once, when notify has heard of it or of the one that order has lost, and nothing else is.",
  databases: ["order", "notify"],
  check(dossier, books) {
    if (!dossier.order || !isKept(dossier, books, "order", "deliveries")) return undefined;
    const events = dossier.orderLog.filter(({ stream }) => stream === "order");
    return [
      ...events.flatMap((event) => problemsOf(dossier, event, hasHeard(dossier, books, "notify", event))),
      ...dossier.deliveries
        .filter(({ eventId, kind }) => !events.some(({ id, type }) => id === eventId && type === kind))
        .filter(({ eventId }) => !dossier.lostEvents.includes(eventId))
        .map(({ kind, channel, eventId }) => `${kind} by ${channel} tells of ${eventId}, which is no such event`),
    ];
  },
};

/** A state that was lost with order's database and reached again has another event, and was told already. */
function problemsOf({ deliveries, lostEvents }: Dossier, { id, type, position }: LogEntry, isHeard: boolean): string[] {
  const count = deliveries.filter(
    ({ eventId, kind, channel }) =>
      channel === "email" && (eventId === id || (kind === type && lostEvents.includes(eventId))),
  ).length;
  if (count === 1 || (count === 0 && !isHeard)) return [];
  return [`${type} at ${position} has ${count} deliveries`];
}
