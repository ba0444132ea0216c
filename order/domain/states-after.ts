import type { Order, OrderStatus } from "./order.ts";

type Recorded = { version: number; status: OrderStatus; at: Date };

/** The states an order went through, one per version, oldest first: only its status ever changes. */
export function statesAfter(order: Order, steps: Recorded[]): Order[] {
  const lastOfVersion = new Map(steps.map((step) => [step.version, step]));
  return [...lastOfVersion.values()].map(({ version, status, at }) => ({ ...order, version, status, updatedAt: at }));
}
