import { afterAll, expect, test } from "bun:test";
import { createTestDatabase } from "@orderflow/tools/testing/test-database";
import postgres from "postgres";
import { demoProducts } from "./demo-products.ts";
import { seedProducts } from "./seed-products.ts";

const database = await createTestDatabase({ service: "inventory" });
const commands = postgres(database.url, { max: 1 });
afterAll(async () => {
  await commands.end();
  await database.drop();
});

test("the demo shop has at least 200 products of distinct SKU and name, some scarce and two sold out", () => {
  const products = demoProducts();
  const ofStock = (from: number, to: number) =>
    products.filter(({ initialStock }) => initialStock >= from && initialStock <= to).length;
  expect(products.length).toBeGreaterThanOrEqual(200);
  expect(new Set(products.map(({ sku }) => sku)).size).toBe(products.length);
  expect(new Set(products.map(({ name }) => name)).size).toBe(products.length);
  expect(ofStock(0, 0)).toBe(2);
  expect(ofStock(1, 5)).toBeGreaterThanOrEqual(5);
  expect(ofStock(20, 500)).toBe(products.length - ofStock(0, 5));
});

test("seeding again adds nothing and leaves the stock as it has become", async () => {
  expect(await seedProducts(commands, demoProducts())).toBe(demoProducts().length);
  await database.sql`update stock set on_hand = 7 where sku = 'MUG-0001'`;
  expect(await seedProducts(commands, demoProducts())).toBe(0);

  const [stock] = await database.sql`select on_hand from stock where sku = 'MUG-0001'`;
  expect(stock.on_hand).toBe(7);
  const [ledger] = await database.sql`
    select count(*)::int as count, count(distinct sku)::int as skus from stock_movement where kind = 'received'`;
  expect(ledger).toEqual({ count: demoProducts().length - 2, skus: demoProducts().length - 2 });
});
