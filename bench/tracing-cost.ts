import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { newId } from "@orderflow/common/ids";
import { receiveSpans } from "@orderflow/tools/otlp/receive-spans";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import { type Shop, signIn } from "../e2e/support/shop.ts";
import { startSystem } from "../e2e/support/start-system.ts";

const help = `What tracing costs: CPU milliseconds of each process per order, from the call to the delivery, with tracing off,
at 10 % and for every order. Starts the whole system three times, on Linux. A busy machine makes the figures worthless,
so it refuses one whose load is above --max-load.

bun bench/tracing-cost.ts [--orders 500] [--max-load 4] [--json FILE]`;

const { values } = parseArgs({
  options: {
    orders: { type: "string", default: "500" },
    "max-load": { type: "string", default: "4" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const orders = Math.min(Number(values.orders), 5_000);
const [load = 0] = loadavg();
if (load > Number(values["max-load"])) {
  console.error(`The load is ${load.toFixed(1)}, above ${values["max-load"]}: what is measured now says nothing.`);
  process.exit(1);
}

const clients = 8;
const products = 20;
const warmUpOrders = 50;
const clockTicksPerS = 100;

async function placeAll(shop: Shop, skus: string[], count: number): Promise<void> {
  let next = 0;
  let lastId = "";
  const client = async () => {
    while (next < count) {
      const lines = [{ sku: skus[next++ % skus.length] ?? "", quantity: 1 }];
      const placed = await shop.order.place.mutate({ idempotencyKey: newId(), lines, shippingAddress: anAddress });
      lastId = placed.id;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  await eventually(async () => (await shop.order.byId.query({ orderId: lastId })).status === "delivered", {
    timeoutMs: 120_000,
    intervalMs: 250,
  });
}

/** User and system time of a process so far: proc(5), fields 14 and 15 of `stat`. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / clockTicksPerS) * 1_000;
}

async function measure(ratio: string | undefined): Promise<Record<string, number>> {
  const receiver = receiveSpans();
  const settings =
    ratio === undefined ? [] : [`OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url}`, `TRACE_SAMPLE_RATIO=${ratio}`];
  const system = await startSystem(...settings.flatMap((setting) => ["--env", setting]));
  try {
    const { shop } = await signIn(system, "customer");
    const operator = await signIn(system, "operator");
    const skus = Array.from({ length: products }, (_, n) => `COST-${n}`);
    for (const sku of skus) {
      const unitPrice = { amountMinor: 100, currency: "EUR" };
      const product = { sku, name: `Thing ${sku}`, unitPrice, initialStock: 10_000 };
      await operator.shop.inventory.createProduct.mutate({ idempotencyKey: newId(), ...product });
    }
    await placeAll(shop, skus, warmUpOrders);
    const { services } = await system.run();
    const before = services.map(({ pid }) => cpuMs(pid));
    await placeAll(shop, skus, orders);
    return Object.fromEntries(
      services.map(({ name, pid }, index) => [name, (cpuMs(pid) - (before[index] ?? 0)) / orders]),
    );
  } finally {
    await system.stop();
    await receiver.stop();
  }
}

const figures: Record<string, Record<string, string>> = {};
for (const [name, ratio] of [
  ["off", undefined],
  ["10 %", "0.1"],
  ["full", "1"],
] as const) {
  const used = await measure(ratio);
  const all = Object.values(used).reduce((sum, ms) => sum + ms, 0);
  figures[name] = Object.fromEntries(Object.entries({ ...used, all }).map(([who, ms]) => [who, ms.toFixed(2)]));
}
console.log(`CPU milliseconds per order, ${orders} orders by ${clients} clients:`);
console.table(figures);
if (values.json) await Bun.write(values.json, JSON.stringify({ orders, clients, cpuMsPerOrder: figures }, null, 2));
