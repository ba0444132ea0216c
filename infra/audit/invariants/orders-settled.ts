import type { DossierInvariant } from "../dossier-invariant.ts";

const final = ["delivered", "rejected", "cancelled"];

/** Of a system at rest: nothing is on its way but what waits for an operator, who is told of that elsewhere. */
export const ordersSettled: DossierInvariant = {
  name: "orders-settled",
  law: "Every accepted order has come to its end, or something of it waits for an operator.",
  databases: ["order", "worker"],
  check({ order, setAside, hasExhaustedJob }) {
    if (!order) return undefined;
    const isExplained = setAside.length > 0 || hasExhaustedJob;
    return final.includes(order.status) || isExplained ? [] : [`is ${order.status}`];
  },
};
