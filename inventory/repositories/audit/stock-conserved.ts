import type { Invariant } from "@orderflow/common/audit/invariant";

export const stockConserved: Invariant = {
  name: "stock-conserved",
  law: "No unit appears or vanishes: received + adjusted = onHand + sold.",
  kind: "law",
  checked: "select count(*) from stock",
  violations: `
    select coalesce(s.sku, m.sku) || ' ' || coalesce(s.location, m.location) as id,
      coalesce(m.came, 0) || ' received and adjusted, ' || coalesce(s.on_hand::text, 'no stock') || ' on hand, '
        || coalesce(m.sold, 0) || ' sold' as problem
    from stock s full join (
      select sku, location, sum(on_hand_delta) filter (where kind in ('received', 'adjusted')) as came,
        -sum(on_hand_delta) filter (where kind = 'sold') as sold
      from stock_movement group by sku, location
    ) m on m.sku = s.sku and m.location = s.location
    where s.sku is null or coalesce(m.came, 0) <> s.on_hand + coalesce(m.sold, 0)`,
};
