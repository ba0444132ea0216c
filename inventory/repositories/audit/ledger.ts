import type { Invariant } from "@orderflow/common/audit/invariant";

export const ledgerSums: Invariant = {
  name: "ledger-sums",
  law: "A SKU's movements add up to its stock, on hand and reserved.",
  kind: "law",
  checked: "select count(*) from stock",
  violations: `
    select coalesce(s.sku, m.sku) || ' ' || coalesce(s.location, m.location) as id,
      'on hand ' || coalesce(s.on_hand::text, 'nothing') || ', moved ' || coalesce(m.on_hand, 0)
        || '; reserved ' || coalesce(s.reserved::text, 'nothing') || ', moved ' || coalesce(m.reserved, 0) as problem
    from stock s full join (
      select sku, location, sum(on_hand_delta) as on_hand, sum(reserved_delta) as reserved
      from stock_movement group by sku, location
    ) m on m.sku = s.sku and m.location = s.location
    where s.sku is null or s.on_hand <> coalesce(m.on_hand, 0) or s.reserved <> coalesce(m.reserved, 0)`,
};

export const ledgerChain: Invariant = {
  name: "ledger-chain",
  law: "A movement begins where the one before it ended, and moves what its kind moves.",
  kind: "law",
  checked: "select count(*) from stock_movement",
  violations: `
    select sku || ' #' || id as id, kind || ' by ' || on_hand_delta || '/' || reserved_delta || ' from '
      || on_hand_before || '/' || reserved_before || ' to ' || on_hand_after || '/' || reserved_after as problem
    from (
      select *, coalesce(lag(on_hand_after) over ledger, 0) as on_hand_before,
        coalesce(lag(reserved_after) over ledger, 0) as reserved_before
      from stock_movement window ledger as (partition by sku, location order by id)
    ) m
    where on_hand_after <> on_hand_before + on_hand_delta or reserved_after <> reserved_before + reserved_delta
      or not case kind
        when 'received' then on_hand_delta > 0 and reserved_delta = 0
        when 'adjusted' then reserved_delta = 0
        when 'reserved' then on_hand_delta = 0 and reserved_delta > 0
        when 'released' then on_hand_delta = 0 and reserved_delta < 0
        when 'sold' then on_hand_delta < 0 and on_hand_delta = reserved_delta
        else false end`,
};
