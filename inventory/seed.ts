import postgres from "postgres";
import { readInventoryDatabaseUrl } from "./config.ts";
import { demoProducts } from "./repositories/demo-products.ts";
import { seedProducts } from "./repositories/seed-products.ts";

const sql = postgres(readInventoryDatabaseUrl(), { max: 1, onnotice: () => {} });
try {
  const products = demoProducts();
  const added = await seedProducts(sql, products);
  process.stdout.write(`inventory: ${added} of ${products.length} products added\n`);
} finally {
  await sql.end({ timeout: 5 });
}
