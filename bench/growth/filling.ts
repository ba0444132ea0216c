/** What a shop is filled with. The same filling gives the same rows in every database, so that they agree. */
export type Filling = {
  orders: number;
  skus: number;
  /** The orders are spread evenly over as many days, up to `until`. */
  days: number;
  /** The logs keep the events of the orders of the last so many days; those before count as pruned. */
  logDays: number;
  until: Date;
  /** Has every twentieth order; the others belong to customers with ten each. */
  customerId: string;
};

/** The newest orders are confirmed and wait for their dispatch; all before have come to an end. */
export const maxOpenOrders = 1_000;
const openShare = 0.01;
/** The life of an order is over before the next one begins, so that the order of orders is that of the logs. */
const ticksPerOrder = 16;
const dayUs = 86_400_000_000;

export const heavyShare = 20;
const ordersPerCustomer = 10;

/** The numbers that the rows follow from. */
export type Measures = {
  /** The last order that has ended. */
  lastEnded: number;
  /** The last order whose events are pruned. */
  lastPruned: number;
  customers: number;
  /** Of one tick. */
  tickUs: number;
  /** The instant that order number 0 would have been placed at. */
  from: Date;
};

export function measuresOf({ orders, days, logDays, until }: Filling): Measures {
  const tickUs = Math.floor((days * dayUs) / orders / ticksPerOrder);
  const open = Math.min(maxOpenOrders, Math.ceil(orders * openShare));
  const kept = Math.max(open + 1, Math.ceil((orders * Math.min(logDays, days)) / days));
  return {
    lastEnded: orders - open,
    lastPruned: Math.max(0, orders - kept),
    customers: Math.max(1, Math.floor(orders / ordersPerCustomer)),
    tickUs,
    from: new Date(until.getTime() - ((orders + 1) * ticksPerOrder * tickUs) / 1_000),
  };
}
