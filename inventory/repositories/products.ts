import type { Money } from "@orderflow/common/money";
import type { SQL } from "bun";
import { type ProductView, toProductView } from "../domain/product-view.ts";
import { searchWords } from "../domain/search-words.ts";
import { mainLocation } from "../domain/stock.ts";
import { type ProductRow, productColumns, toProduct, toStock } from "./product-row.ts";

export type Quote = { sku: string; name: string; unitPrice: Money; available: number };
export type Search = {
  text?: string | undefined;
  /** The SKU before the first to answer. */
  after?: string | undefined;
  limit: number;
  showsInactive: boolean;
};

export type Products = {
  /** In SKU order. Each word of the text begins a word of the name or the SKU. One more than the limit tells that more follow. */
  search(search: Search): Promise<ProductView[]>;
  bySku(sku: string, options: { showsInactive: boolean }): Promise<ProductView | undefined>;
  /** Of those SKUs that exist, in SKU order. */
  availability(skus: string[], options: { showsInactive: boolean }): Promise<{ sku: string; available: number }[]>;
  /** Of those SKUs that are for sale, in SKU order. */
  quote(skus: string[]): Promise<Quote[]>;
};

export function createProducts(sql: SQL): Products {
  return {
    async search({ text = "", after = "", limit, showsInactive }) {
      if (text.trim() === "") return toViews(await browse(sql, { after, limit, showsInactive }));
      const words = searchWords(text);
      if (words.length === 0) return [];
      const query = words.map((word) => `'${word}':*`).join(" & ");
      return toViews(await find(sql, query, { after, limit, showsInactive }));
    },

    async bySku(sku, { showsInactive }) {
      const rows: ProductRow[] = await sql`
        select ${productColumns(sql)} from product p join stock s on s.sku = p.sku
        where p.sku = ${sku} and s.location = ${mainLocation} and (p.is_active or ${showsInactive}::boolean)`;
      return toViews(rows)[0];
    },

    async availability(skus, { showsInactive }) {
      return await sql`
        select s.sku, s.on_hand - s.reserved as available
        from stock s join product p on p.sku = s.sku
        where s.sku = any(${distinct(sql, skus)}) and s.location = ${mainLocation} and (p.is_active or ${showsInactive}::boolean)
        order by s.sku`;
    },

    async quote(skus) {
      const rows: QuoteRow[] = await sql`
        select p.sku, p.name, p.unit_price_minor, p.currency, s.on_hand - s.reserved as available
        from stock s join product p on p.sku = s.sku
        where s.sku = any(${distinct(sql, skus)}) and s.location = ${mainLocation} and p.is_active
        order by s.sku`;
      return rows.map(toQuote);
    },
  };
}

function distinct(sql: SQL, skus: string[]) {
  return sql.array([...new Set(skus)], "TEXT");
}

type Page = { after: string; limit: number; showsInactive: boolean };

// Stock is joined to the page, not the page taken from the join: that would walk both tables up to the cursor.
async function browse(sql: SQL, { after, limit, showsInactive }: Page): Promise<ProductRow[]> {
  return await sql`
    select ${productColumns(sql)}
    from (select * from product where sku > ${after} and (is_active or ${showsInactive}::boolean)
          order by sku limit ${limit + 1}) p
    join stock s on s.sku = p.sku and s.location = ${mainLocation}
    order by p.sku`;
}

/** Up to so many matches are fetched by the index and sorted; where there are more, the next few are near in SKU order. */
const maxFewMatches = 1_000;

/** So many products from the cursor on are looked at before the index is asked: a millisecond, and enough for words of one in a hundred. */
const maxNearby = 2_000;

async function find(sql: SQL, query: string, page: Page): Promise<ProductRow[]> {
  const nearby = await findNearby(sql, query, page);
  if (nearby.length > page.limit) return nearby;
  const few: { sku: string }[] = await sql`
    select sku from product where search_words @@ ${query}::tsquery limit ${maxFewMatches + 1}`;
  if (few.length === 0) return [];
  if (few.length > maxFewMatches) return await findAmongMany(sql, query, page);
  return await findAmongFew(
    sql,
    few.map(({ sku }) => sku),
    page,
  );
}

/** What the index finds of a common word is a large part of the shop, and a page of it is never far away in SKU order. */
async function findNearby(sql: SQL, query: string, { after, limit, showsInactive }: Page): Promise<ProductRow[]> {
  return await sql`
    select ${productColumns(sql)}
    from (select * from (select * from product where sku > ${after} order by sku limit ${maxNearby}) nearby
          where search_words @@ ${query}::tsquery and (is_active or ${showsInactive}::boolean)
          order by sku limit ${limit + 1}) p
    join stock s on s.sku = p.sku and s.location = ${mainLocation}
    order by p.sku`;
}

async function findAmongFew(sql: SQL, skus: string[], { after, limit, showsInactive }: Page): Promise<ProductRow[]> {
  return await sql`
    select ${productColumns(sql)}
    from (select * from product
          where sku = any(${sql.array(skus, "TEXT")}) and sku > ${after} and (is_active or ${showsInactive}::boolean)
          order by sku limit ${limit + 1}) p
    join stock s on s.sku = p.sku and s.location = ${mainLocation}
    order by p.sku`;
}

async function findAmongMany(sql: SQL, query: string, { after, limit, showsInactive }: Page): Promise<ProductRow[]> {
  return await sql`
    select ${productColumns(sql)}
    from (select * from product
          where search_words @@ ${query}::tsquery and sku > ${after} and (is_active or ${showsInactive}::boolean)
          order by sku limit ${limit + 1}) p
    join stock s on s.sku = p.sku and s.location = ${mainLocation}
    order by p.sku`;
}

type QuoteRow = { sku: string; name: string; unit_price_minor: string; currency: string; available: number };

function toQuote({ sku, name, unit_price_minor, currency, available }: QuoteRow): Quote {
  return { sku, name, unitPrice: { amountMinor: Number(unit_price_minor), currency }, available };
}

function toViews(rows: ProductRow[]): ProductView[] {
  return rows.map((row) => toProductView(toProduct(row), toStock(row)));
}
