import { join } from "node:path";
import { createRandom } from "@orderflow/tools/chaos/seeded-random";
import { streamSeatsWithin } from "../../gateway/domain/stream-seats.ts";
import { openFileLimit } from "../../gateway/providers/open-file-limit.ts";
import { openHttpConnection } from "../system/http-connection.ts";
import { placeRequest } from "../system/place-request.ts";
import type { WatchReport, WatchTask } from "./idle-watchers.ts";
import type { OverloadOptions } from "./overload-options.ts";
import { measurePlacing, type Shop, withShop } from "./shop.ts";
import { type PartOutcome, verdict } from "./verdict.ts";
import { watchMemory } from "./watch-memory.ts";

const ordersEach = 8;
const atOnce = 50;
const pace = { clients: 16, warmUpMs: 3_000, measureMs: 10_000 };
const maxPlaceMs = 500;
/** What `up` gives the gateway. */
const openRequests = 11_000;

/** Subscriptions that nothing happens to, beside customers who place orders. Those past the gateway's seats are refused. */
export function runWatchers({ watchers }: OverloadOptions): Promise<PartOutcome> {
  const served = Math.min(watchers, streamSeatsWithin({ openRequests, openFiles: openFileLimit() }));
  const env = {
    BUN_CONFIG_MAX_HTTP_REQUESTS: String(openRequests),
    MAX_SUBSCRIPTIONS_PER_CALLER: String(watchers),
    MAX_SUBSCRIPTIONS: String(watchers + 1_000),
  };
  return withShop(env, async (shop) => {
    const { gateway } = shop.bench.system;
    const alone = await measurePlacing(shop, pace);
    const watches = await ordersToWatch(shop, watchers);
    const memoryOf = watchMemory(await shop.bench.pids());
    const startedAt = performance.now();
    const { begun, end } = startWatching({ gateway, watches, atOnce });
    const first = await begun;
    const beginS = (performance.now() - startedAt) / 1_000;
    const beside = await measurePlacing(shop, pace);
    const last = await end();
    const figures = { watchers, served, beginS, first, last, alone, beside, memoryMb: await memoryOf() };
    return {
      part: "watchers",
      verdicts: [
        verdict(`told of their order, of ${served} that have a seat`, first.told, { atLeast: served }),
        verdict("left out without being refused", watchers - first.told - (first.untold[503] ?? 0), { atMost: 0 }),
        verdict("still open at the end", last.open, { atLeast: served }),
        verdict("placed beside them within, p99", beside.p99, { atMost: maxPlaceMs, unit: " ms" }),
        verdict("calls that failed beside them", beside.failed, { atMost: 0 }),
      ],
      figures,
    };
  });
}

/** Each customer watches orders of his own. */
async function ordersToWatch({ bench, customers }: Shop, count: number): Promise<WatchTask["watches"]> {
  const { hostname: host, port } = new URL(bench.system.gateway);
  const random = createRandom(3);
  const placed: WatchTask["watches"] = [];
  for (const token of await customers.tokens()) {
    const connection = openHttpConnection({ host, port: Number(port), headers: { authorization: `Bearer ${token}` } });
    for (let orders = 0; orders < ordersEach; orders++) {
      const { body } = await connection.ask(placeRequest("uniform", random));
      placed.push({ token, orderId: JSON.parse(body.toString()).result.data.id });
    }
    connection.close();
  }
  return Array.from({ length: count }, (_, index) => placed[index % placed.length] ?? { token: "", orderId: "" });
}

function startWatching(task: WatchTask) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "idle-watchers.ts")], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  child.stdin.write(`${JSON.stringify(task)}\n`);
  child.stdin.flush();
  const lines = readReports(child.stdout);
  return {
    begun: lines.next().then(({ value }) => value as WatchReport),
    async end(): Promise<WatchReport> {
      child.stdin.end();
      return (await lines.next()).value as WatchReport;
    },
  };
}

async function* readReports(output: ReadableStream<Uint8Array>): AsyncGenerator<WatchReport> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of output) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield JSON.parse(text.slice(0, end));
      text = text.slice(end + 1);
    }
  }
}
