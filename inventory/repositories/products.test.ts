import { afterAll, expect, test } from "bun:test";
import { createTestDatabase } from "@orderflow/tools/testing/test-database";
import { createProducts } from "./products.ts";

const database = await createTestDatabase({ service: "inventory" });
const { sql } = database;
const products = createProducts(sql);
afterAll(() => database.drop());

await sql`
  insert into product (sku, name, unit_price_minor, currency, search_words, is_active)
  select 'P-' || lpad(n::text, 4, '0'), 'Mug ' || n, 100, 'EUR', array_to_tsvector(array['mug', 'p', n::text]), n % 10 > 0
  from generate_series(1, 2000) n`;
await sql`insert into stock (sku, on_hand) select sku, 5 from product`;

async function allOf(text: string | undefined, limit: number): Promise<string[]> {
  const skus: string[] = [];
  for (;;) {
    const rows = await products.search({ text, after: skus.at(-1), limit, showsInactive: false });
    skus.push(...rows.slice(0, limit).map(({ sku }) => sku));
    if (rows.length <= limit) return skus;
  }
}

const active = (numbers: number[]) => numbers.filter((n) => n % 10 > 0).map((n) => `P-${String(n).padStart(4, "0")}`);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test.each([
  ["everything", undefined, upTo(2000)],
  ["more matches than are sorted", "mug", upTo(2000)],
  ["few matches", "199", upTo(2000).filter((n) => String(n).startsWith("199"))],
  ["no match", "cup", []],
])("pages through %s: each active product once, in SKU order", async (_, text, numbers) => {
  expect(await allOf(text, 90)).toEqual(active(numbers));
});

test("a quote of 10,000 SKUs, most of them unknown, is of those for sale", async () => {
  const skus = Array.from({ length: 10_000 }, (_, n) => `P-${String(n + 1).padStart(4, "0")}`);
  const quotes = await products.quote(skus);
  expect(quotes.map(({ sku }) => sku)).toEqual(active(upTo(2000)));
  expect(quotes[0]).toEqual({
    sku: "P-0001",
    name: "Mug 1",
    unitPrice: { amountMinor: 100, currency: "EUR" },
    available: 5,
  });
});
