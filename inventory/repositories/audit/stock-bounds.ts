import type { Invariant } from "@orderflow/common/audit/invariant";

export const stockBounds: Invariant = {
  name: "stock-bounds",
  law: "What is reserved is there: onHand ≥ reserved ≥ 0. Nothing is oversold.",
  kind: "law",
  checked: "select count(*) from stock",
  violations: `
    select sku || ' ' || location as id, on_hand || ' on hand, ' || reserved || ' reserved' as problem
    from stock where reserved < 0 or on_hand < reserved`,
};
