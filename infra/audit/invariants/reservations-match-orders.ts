import { toWords, type Units } from "../dossier.ts";
import type { DossierInvariant } from "../dossier-invariant.ts";

const confirmed = ["confirmed", "shipped", "delivered"];

export const reservationsMatchOrders: DossierInvariant = {
  name: "reservations-match-orders",
  law: "A confirmed order has one held or sold reservation per SKU, of the quantity that was ordered.",
  databases: ["order", "inventory"],
  check({ order, lines, reservations }) {
    if (!order || !confirmed.includes(order.status)) return undefined;
    const live = reservations.filter(({ status }) => status !== "released");
    const problems = Object.entries(lines).flatMap(([sku, quantity]) => {
      const own = live.filter((reservation) => reservation.sku === sku);
      if (own.length === 1 && own[0]?.quantity === quantity) return [];
      return [
        `${order.status}, ordered ${quantity} × ${sku}, reserved ${own.map((each) => each.quantity).join(" + ") || 0}`,
      ];
    });
    const extra: Units = Object.fromEntries(
      live.filter(({ sku }) => lines[sku] === undefined).map(({ sku, quantity }) => [sku, quantity]),
    );
    return Object.keys(extra).length > 0
      ? [...problems, `reserved ${toWords(extra)}, which was not ordered`]
      : problems;
  },
};
