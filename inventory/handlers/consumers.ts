import type { Apply } from "@orderflow/common/messaging/batch-commit";
import type { Event } from "@orderflow/common/messaging/event";
import { causedBy, type KnownEvent, onlyKnown } from "@orderflow/common/messaging/known-event";
import type { TransactionSQL } from "bun";
import type { Cause, Change } from "../domain/change.ts";
import { releaseReservation } from "../domain/release-reservation.ts";
import { reserveStock } from "../domain/reserve-stock.ts";
import { sellReservation } from "../domain/sell-reservation.ts";
import type { OpenShelves, Shelves } from "../domain/shelves.ts";
import { answeredBefore } from "../repositories/answered-before.ts";
import type { StockChanges } from "../repositories/stock-changes.ts";

type Listening = { stockChanges: StockChanges; now: () => Date };

/** How each stream that inventory listens to is applied. */
export function createAppliers(listening: Listening): { order: Apply; worker: Apply } {
  return { order: applyOrderEvents(listening), worker: applyWorkerEvents(listening) };
}

type OrderEvent = KnownEvent<"order.created" | "order.cancelled">;

/** order.created reserves or rejects, order.cancelled releases. */
export function applyOrderEvents({ stockChanges, now }: Listening): Apply {
  return async (tx, events) => {
    const known = await withoutAnswered(tx, onlyKnown(events, "order.created", "order.cancelled"));
    const skus = known.flatMap((event) =>
      event.type === "order.created" ? event.data.lines.map(({ sku }) => sku) : [],
    );
    const orderIds = known.map((event) => event.data.orderId);
    return stockChanges.changeMany(tx, { skus, orderIds }, (shelves) =>
      decideInOrder(shelves, known, (event) => decideOrderEvent(shelves, event, causeOf(event, now()))),
    );
  };
}

/** An order that was brought back is not decided anew: what was rejected might be reserved now, and told so too late. */
async function withoutAnswered(tx: TransactionSQL, events: OrderEvent[]): Promise<OrderEvent[]> {
  const isBack = (event: OrderEvent) => event.type === "order.created" && event.data.broughtBackAt !== undefined;
  const back = events.filter(isBack);
  const answered = await answeredBefore(
    tx,
    back.map(({ key }) => key),
  );
  return events.filter((event) => !(isBack(event) && answered.has(event.key)));
}

function decideOrderEvent(shelves: Shelves, event: OrderEvent, cause: Cause): Change {
  switch (event.type) {
    case "order.created":
      return reserveStock(shelves, { orderId: event.data.orderId, lines: event.data.lines }, cause);
    case "order.cancelled":
      return releaseReservation(shelves, event.data.orderId, cause);
  }
}

/** shipment.dispatched sells what the order held. */
export function applyWorkerEvents({ stockChanges, now }: Listening): Apply {
  return (tx, events) => {
    const known = onlyKnown(events, "shipment.dispatched");
    const orderIds = known.map((event) => event.data.orderId);
    return stockChanges.changeMany(tx, { skus: [], orderIds }, (shelves) =>
      decideInOrder(shelves, known, (event) => {
        assertReserved(shelves, event.data.orderId);
        return sellReservation(shelves, event.data.orderId, causeOf(event, now()));
      }),
    );
  };
}

/**
 * What was dispatched was reserved before. When it is not, this database was restored and hears of the shipment before
 * it hears of the order again: passed over, the goods would stay reserved for ever.
 */
function assertReserved(shelves: Shelves, orderId: string): void {
  if (shelves.reservations(orderId).length === 0) throw new Error(`Nothing was ever reserved for the order ${orderId}`);
}

/** Each event sees what those before it in the batch have left, and what follows from it names it as the cause. */
function decideInOrder<E extends Event>(shelves: OpenShelves, events: E[], decide: (event: E) => Change): void {
  for (const event of events) {
    const change = decide(event);
    shelves.put({ ...change, facts: change.facts.map((fact) => ({ ...fact, ...causedBy(event) })) });
  }
}

function causeOf(event: Event, at: Date): Cause {
  return { id: event.id, at };
}
