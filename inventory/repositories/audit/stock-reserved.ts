import type { Invariant } from "@orderflow/common/audit/invariant";

export const stockReserved: Invariant = {
  name: "stock-reserved",
  law: "What is reserved of a SKU is what the live reservations hold.",
  kind: "law",
  checked: "select count(*) from stock",
  violations: `
    select coalesce(s.sku, r.sku) || ' ' || coalesce(s.location, r.location) as id,
      coalesce(s.reserved::text, 'no stock') || ' reserved, ' || coalesce(r.held, 0) || ' held' as problem
    from stock s full join (
      select sku, location, sum(quantity) as held from reservation where status = 'held' group by sku, location
    ) r on r.sku = s.sku and r.location = s.location
    where s.sku is null or s.reserved <> coalesce(r.held, 0)`,
};
