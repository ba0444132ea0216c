import type { Sql } from "postgres";
import { searchWords } from "../domain/search-words.ts";
import { mainLocation } from "../domain/stock.ts";
import type { DemoProduct } from "./demo-products.ts";

/** Adds the products that are not there yet, each with its stock and the movement that brought it. Answers how many. */
export async function seedProducts(sql: Sql, products: DemoProduct[]): Promise<number> {
  const rows = products.map(({ unitPrice, ...product }) => ({
    ...product,
    ...unitPrice,
    words: searchWords(`${product.name} ${product.sku}`),
  }));
  const [seeded] = await sql<{ count: number }[]>`
    with row as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        as row(sku text, name text, description text, "amountMinor" bigint, currency text, words text[], "initialStock" int)
    ), created as (
      insert into product (sku, name, description, unit_price_minor, currency, search_words)
      select sku, name, description, "amountMinor", currency, array_to_tsvector(words) from row
      on conflict (sku) do nothing returning sku
    ), stocked as (
      insert into stock (sku, location, on_hand)
      select sku, ${mainLocation}, "initialStock" from row join created using (sku)
    ), moved as (
      insert into stock_movement (sku, location, kind, on_hand_delta, reserved_delta, on_hand_after, reserved_after, cause, reason, at)
      select sku, ${mainLocation}, 'received', "initialStock", 0, "initialStock", 0, 'seed', 'initial stock', now()
      from row join created using (sku) where "initialStock" > 0
    )
    select count(*)::int as count from created`;
  return seeded?.count ?? 0;
}
