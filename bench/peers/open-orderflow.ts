import { signUp, tokenOf } from "@orderflow/tools/accounts/sign-in";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { ask } from "../../e2e/support/ask.ts";
import { seedProducts } from "../../inventory/repositories/seed-products.ts";
import { version } from "../../package.json";
import { awaitSettled } from "../system/await-settled.ts";
import { type BenchSystem, startBenchSystem } from "../system/bench-system.ts";
import { type Books, type Customer, nameOfProduct, type Shop, type ShopSoftware, shelf } from "./shop.ts";
import { withDatabase } from "./with-database.ts";

export const orderflow: ShopSoftware = { name: "orderflow", version, requestsPerOrder: 1, open };

async function open(): Promise<Shop> {
  const bench = await startBenchSystem({});
  await fillShelves(await bench.databaseUrl("inventory"));
  return {
    pids: bench.pids,
    customer: (index) => newCustomer(bench.system.gateway, index),
    books: () => readBooks(bench),
    stop: bench.stop,
  };
}

async function newCustomer(gateway: string, index: number): Promise<Customer> {
  const id = crypto.randomUUID();
  const account = { name: `Customer ${index}`, email: `peers-${id}@example.com`, password: id };
  const token = await tokenOf(gateway, await signUp(gateway, account));
  const headers = { authorization: `Bearer ${token}` };
  return {
    async place(wanted) {
      const lines = wanted.map((product) => ({ sku: nameOfProduct(product), quantity: 1 }));
      const input = { idempotencyKey: crypto.randomUUID(), lines, shippingAddress: anAddress };
      const { status, reason } = await ask(gateway, { name: "order.place", type: "mutation", input, headers });
      if (reason === "out_of_stock") return false;
      if (status !== 200) throw new Error(`${status} ${reason}`);
      return true;
    },
  };
}

async function fillShelves(inventoryUrl: string): Promise<void> {
  const stocked = shelf().map(({ sku, units }) => ({
    ...{ sku, name: sku, description: "", initialStock: units },
    unitPrice: { amountMinor: 1_990, currency: "EUR" },
  }));
  await withDatabase(inventoryUrl, (sql) => seedProducts(sql, stocked));
}

/** An order that was accepted may still be rejected: then somebody else was faster. */
async function readBooks(bench: BenchSystem): Promise<Books> {
  await awaitSettled(bench, () => undefined);
  const [sold] = await withDatabase(
    await bench.databaseUrl("order"),
    (sql) => sql<{ orders: number; units: number }[]>`
      select count(distinct o.id)::int as orders, coalesce(sum(l.quantity), 0)::int as units
      from customer_order o join order_line l on l.order_id = o.id where o.status <> 'rejected'`,
  );
  const [stock] = await withDatabase(
    await bench.databaseUrl("inventory"),
    (sql) => sql<{ reserved: number }[]>`select sum(reserved)::int as reserved from stock`,
  );
  return { orders: sold?.orders ?? 0, units: sold?.units ?? 0, reserved: stock?.reserved ?? 0 };
}
