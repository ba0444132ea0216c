import type { DossierInvariant } from "./dossier-invariant.ts";
import { cancelledIsNotShipped } from "./invariants/cancelled-is-not-shipped.ts";
import { deliveriesMatchEvents } from "./invariants/deliveries-match-events.ts";
import { endedOrdersHoldNothing } from "./invariants/ended-orders-hold-nothing.ts";
import { nothingWithoutOrder } from "./invariants/nothing-without-order.ts";
import { ordersFollowShipments } from "./invariants/orders-follow-shipments.ts";
import { ordersFollowStock } from "./invariants/orders-follow-stock.ts";
import { ordersSettled } from "./invariants/orders-settled.ts";
import { reservationsMatchOrders } from "./invariants/reservations-match-orders.ts";
import { shipmentsMatchOrders } from "./invariants/shipments-match-orders.ts";
import { stockAnswersOrders } from "./invariants/stock-answers-orders.ts";
import { stockFollowsShipments } from "./invariants/stock-follows-shipments.ts";

/** What must be true of every order at any moment, across the databases. */
export const dossierInvariants: DossierInvariant[] = [
  nothingWithoutOrder,
  stockAnswersOrders,
  ordersFollowStock,
  reservationsMatchOrders,
  endedOrdersHoldNothing,
  shipmentsMatchOrders,
  ordersFollowShipments,
  stockFollowsShipments,
  cancelledIsNotShipped,
  deliveriesMatchEvents,
];

/** What must be true besides, when the system is at rest. */
export const settledInvariants: DossierInvariant[] = [ordersSettled];
