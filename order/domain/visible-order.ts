import { Refusal } from "@orderflow/common/errors";
import type { Order } from "./order.ts";

/** Who looks: a customer at own orders only, operators and services at all. */
export type Viewer = { id: string; role: string };

/** Refuses another customer's order with order_not_found, as if there were none: its existence is private too. */
export function visibleOrder(order: Order | undefined, viewer: Viewer): Order {
  if (order && (viewer.role === "operator" || viewer.role === "service" || order.customerId === viewer.id))
    return order;
  throw new Refusal("order_not_found", "There is no such order");
}

/** Whose orders a list is to be limited to; undefined for one who sees all. */
export function ownOrdersOf(viewer: Viewer): string | undefined {
  return viewer.role === "operator" ? undefined : viewer.id;
}
