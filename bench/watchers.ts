import { parseArgs } from "node:util";
import { createClient } from "@orderflow/client";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { startSystem } from "../e2e/support/start-system.ts";
import { type Cost, costOf, useOf } from "./support/process-use.ts";

const help = `What watchers cost gateway and order: memory for each, CPU while nothing happens and while orders change, and how
long a change takes to be seen by all. Starts a system of its own; the watchers live in a process of theirs. Linux only.

bun bench/watchers.ts [--watchers 1000] [--orders 100] [--idle-s 10] [--json FILE]`;

const { values } = parseArgs({
  options: {
    watchers: { type: "string", default: "1000" },
    orders: { type: "string", default: "100" },
    "idle-s": { type: "string", default: "10" },
    json: { type: "string" },
    watch: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const watchers = Math.min(Number(values.watchers), 5_000);
const orders = Math.min(Number(values.orders), 500);
const idleMs = Math.min(Number(values["idle-s"]), 60) * 1_000;
const placers = 10;
/** So long that no order moves by itself while we look. */
const carrierDelayMs = 86_400_000;

type Task = { url: string; session: string; ids: string[] };

/** The watchers' side. Says when all have seen their order as it is, and when all have seen its end. */
async function watch({ url, session, ids }: Task): Promise<void> {
  const { order } = createClient({ url, authentication: { session } });
  let begun = 0;
  const all = Array.from({ length: watchers }, async (_, index) => {
    let isFirst = true;
    for await (const _item of order.watch.follow({ orderId: ids[index % ids.length] ?? "" })) {
      if (isFirst && ++begun === watchers) console.log("begun");
      isFirst = false;
    }
  });
  await Promise.all(all);
  console.log("over");
}

if (values.watch) {
  await watch(await Bun.stdin.json());
  process.exit(0);
}

const settings = [`CARRIER_DISPATCH_DELAY_MS=${carrierDelayMs}`, `MAX_SUBSCRIPTIONS_PER_CALLER=${watchers}`];
const system = await startSystem(...settings.flatMap((each) => ["--env", each]));
try {
  const rows = await measure();
  console.table(rows);
  if (values.json) await Bun.write(values.json, JSON.stringify({ watchers, orders, rows }, null, 2));
} finally {
  await system.stop();
}

async function measure(): Promise<Record<string, Record<string, string>>> {
  const { services, demo } = await system.run();
  const pids = Object.fromEntries(services.map(({ name, pid }) => [name, pid]));
  const measured = { gateway: pids.gateway ?? 0, order: pids.order ?? 0 };
  const shop = createClient({ url: system.gateway });
  await shop.session.signIn(demo.customer);
  const ids = await placeOrders(shop);
  const before = useOf(measured);
  await Bun.sleep(idleMs);
  const alone = costOf(before, useOf(measured));

  const { child, said } = startWatchers({ url: system.gateway, session: shop.session.token ?? "", ids });
  await said("begun");
  const begun = useOf(measured);
  await Bun.sleep(idleMs);
  const after = useOf(measured);
  const idle = costOf(begun, after);
  const startedAt = performance.now();
  await Promise.all(ids.map((orderId) => shop.order.cancel.mutate({ orderId, reason: "The end of the bench" })));
  const changedMs = performance.now() - startedAt;
  await said("over");
  const seenMs = performance.now() - startedAt;
  await child.exited;
  const busy = costOf(after, useOf(measured));
  console.log(
    `${watchers} watchers of ${orders} orders: all changes committed after ${changedMs.toFixed(0)} ms, seen by all after ${seenMs.toFixed(0)} ms`,
  );
  return table({ before, after, alone, idle, busy });
}

async function placeOrders(shop: ReturnType<typeof createClient>): Promise<string[]> {
  const { items } = await shop.inventory.search.query({ limit: 20 });
  const best = items.toSorted((a, b) => b.available - a.available)[0];
  const ids: string[] = [];
  const placer = async () => {
    while (ids.length < orders) {
      const lines = [{ sku: best?.sku ?? "", quantity: 1 }];
      ids.push((await shop.order.place.mutate({ lines, shippingAddress: anAddress })).id);
    }
  };
  await Promise.all(Array.from({ length: placers }, placer));
  return ids;
}

function startWatchers(task: Task) {
  const child = Bun.spawn([process.execPath, import.meta.path, "--watch", "--watchers", String(watchers)], {
    // Bun opens 256 requests at once unless told otherwise before it starts.
    env: { ...Bun.env, BUN_CONFIG_MAX_HTTP_REQUESTS: String(watchers + 100) },
    stdin: new Blob([JSON.stringify(task)]),
    stdout: "pipe",
    stderr: "inherit",
  });
  let printed = "";
  const reader = child.stdout.getReader();
  const said = async (word: string) => {
    while (!printed.includes(word)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`the watchers ended before they said "${word}"`);
      printed += new TextDecoder().decode(value);
    }
  };
  return { child, said };
}

type Figures = Record<"before" | "after", Awaited<ReturnType<typeof useOf>>> & Record<"alone" | "idle" | "busy", Cost>;

function table({ before, after, alone, idle, busy }: Figures): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.keys(before).map((name) => {
      const grownKb = (after[name]?.memoryKb ?? 0) - (before[name]?.memoryKb ?? 0);
      return [
        name,
        {
          "memory before": `${((before[name]?.memoryKb ?? 0) / 1024).toFixed(0)} MB`,
          "memory with them": `${((after[name]?.memoryKb ?? 0) / 1024).toFixed(0)} MB`,
          "for each": `${(grownKb / watchers).toFixed(1)} kB`,
          "CPU alone": `${((alone[name] ?? 0) / (idleMs / 100)).toFixed(1)} %`,
          "CPU with them, idle": `${((idle[name] ?? 0) / (idleMs / 100)).toFixed(1)} %`,
          "CPU for each change seen": `${(((busy[name] ?? 0) * 1_000) / watchers).toFixed(0)} µs`,
        },
      ];
    }),
  );
}
