import { parseArgs } from "node:util";
import { createClient } from "@orderflow/client";
import { startSystem } from "../e2e/support/start-system.ts";
import { costOf, useOf } from "./support/process-use.ts";

const help = `What the gateway adds to a call: the same query (one product) asked of inventory itself, and through the gateway, by
nobody and by a customer with a JWT. CPU of both processes per call, in microseconds, best of the rounds, which take
turns. Starts a system of its own. Linux only.

bun bench/forwarding.ts [--calls 5000] [--rounds 5] [--clients 8] [--json FILE]`;

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "5000" },
    rounds: { type: "string", default: "5" },
    clients: { type: "string", default: "8" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const calls = Math.min(Number(values.calls), 100_000);
const rounds = Math.min(Number(values.rounds), 50);
const clients = Math.min(Number(values.clients), 100);

type Way = { name: string; url: string; headers: Record<string, string> };
type Figures = { gateway: number; inventory: number };

const settings = ["RATE_LIMIT_CALLER_PER_MINUTE=0", "RATE_LIMIT_ADDRESS_PER_MINUTE=0"];
const system = await startSystem(...settings.flatMap((each) => ["--env", each]));
try {
  const figures = await measure();
  const direct = figures.direct?.inventory ?? Number.NaN;
  console.table(
    Object.entries(figures).map(([way, { gateway, inventory }]) => ({
      way,
      "gateway (µs)": gateway,
      "inventory (µs)": inventory,
      "times direct": ((gateway + inventory) / direct).toFixed(2),
    })),
  );
  if (values.json) await Bun.write(values.json, `${JSON.stringify({ calls, rounds, clients, figures }, null, 2)}\n`);
} finally {
  await system.stop();
}

async function measure(): Promise<Record<string, Figures>> {
  const { services, demo } = await system.run();
  const find = (wanted: string) => services.find(({ name }) => name === wanted) ?? { pid: 0, url: "" };
  const pids = { gateway: find("gateway").pid, inventory: find("inventory").pid };
  const shop = createClient({ url: system.gateway });
  await shop.session.signIn(demo.customer);
  const { items } = await shop.inventory.search.query({ limit: 1 });
  const input = `input=${encodeURIComponent(JSON.stringify({ sku: items[0]?.sku }))}`;
  const token = await fetch(`${system.gateway}/auth/token`, {
    headers: { authorization: `Bearer ${shop.session.token}` },
  });
  const { token: jwt } = (await token.json()) as { token: string };
  const through = `${system.gateway}/trpc/inventory.bySku?${input}`;
  const ways: Way[] = [
    { name: "direct", url: `${find("inventory").url}/trpc/bySku?${input}`, headers: {} },
    { name: "through the gateway, by nobody", url: through, headers: {} },
    { name: "through the gateway, by a customer", url: through, headers: { authorization: `Bearer ${jwt}` } },
  ];
  // What is compiled as it runs must not count for the first way alone.
  for (const way of ways) await askAll(way);
  const best: Record<string, Figures> = {};
  for (let round = 0; round < rounds; round++)
    for (const way of ways) best[way.name] = lower(best[way.name], await costOfCall(way, pids));
  return best;
}

async function costOfCall(way: Way, pids: Record<string, number>): Promise<Figures> {
  const before = useOf(pids);
  await askAll(way);
  const { gateway = 0, inventory = 0 } = costOf(before, useOf(pids));
  const perCallUs = (cpuMs: number) => Math.round((cpuMs * 1_000) / calls);
  // What the gateway does meanwhile for itself is not a direct call's.
  return { gateway: way.name === "direct" ? 0 : perCallUs(gateway), inventory: perCallUs(inventory) };
}

function lower(known: Figures | undefined, next: Figures): Figures {
  return known && known.gateway + known.inventory <= next.gateway + next.inventory ? known : next;
}

/** Each client asks, waits for the answer, and asks again. */
async function askAll({ url, headers }: Way): Promise<void> {
  let left = calls;
  const client = async () => {
    while (left-- > 0) {
      const answer = await fetch(url, { headers });
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}
