import { parseArgs } from "node:util";
import { openApp } from "@orderflow/common/http/open-app";
import { createServiceApp } from "@orderflow/common/http/service-app";
import { createLogger } from "@orderflow/common/observability/logger";
import { createMetrics } from "@orderflow/common/observability/metrics";
import { trpc } from "@orderflow/common/trpc/plugin";
import { sampleRouter } from "@orderflow/common/trpc/testing/sample-router";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";

const help = `Server CPU per tRPC call: our thin path against the library's fetch adapter, both on Elysia, over loopback.

bun bench/trpc-handler.ts [--requests 20000] [--rounds 3] [--json FILE]`;

const endpoint = "/trpc";
const context = { user: "bench", aborted: [] };
const lanes = 16;
const variants = ["bare", "adapter", "thin"] as const;
type Variant = (typeof variants)[number];

const json = { "content-type": "application/json" };
type Load = { path: string; init: RequestInit };
const loads: Record<string, Load> = {
  query: { path: `/echo?input=${encodeURIComponent('{"text":"hello"}')}`, init: {} },
  mutation: { path: "/add", init: { method: "POST", headers: json, body: '{"lines":[{"quantity":1}]}' } },
  "batch of 10": { path: `/${Array(10).fill("ping").join(",")}?batch=1`, init: {} },
};

type Row = { load: string; variant: Variant; requestsPerCpuS: number };

/** The server's own process, so that the client's work is not counted. */
async function serve(variant: Variant): Promise<void> {
  const identity = { service: "bench", instance: "bench-1" };
  const logger = createLogger({ ...identity, level: "silent" });
  const app = createServiceApp({
    ...identity,
    logger,
    metrics: createMetrics({ ...identity, defaults: false }),
    checks: {},
  });
  const answer = {
    thin: () => app.use(trpc(sampleRouter, { endpoint, createContext: () => context })),
    adapter: () => {
      const byAdapter = (req: Request) =>
        fetchRequestHandler({ endpoint, req, router: sampleRouter, createContext: () => context });
      return app.all(`${endpoint}/*`, ({ request }) => byAdapter(request), { parse: "none" });
    },
    bare: () => app.all(`${endpoint}/*`, () => Response.json({ result: { data: "pong" } }), { parse: "none" }),
  };
  answer[variant]();
  app.get("/cpu", () => Response.json(process.cpuUsage()));
  const door = await openApp(app, { host: "127.0.0.1", port: 0 });
  process.stdout.write(`${door.url}\n`);
}

async function cpuSeconds(url: string): Promise<number> {
  const { user, system } = (await (await fetch(`${url}/cpu`)).json()) as NodeJS.CpuUsage;
  return (user + system) / 1e6;
}

async function send(url: string, { path, init }: Load, requests: number): Promise<void> {
  let left = requests;
  const lane = async () => {
    while (left-- > 0) await (await fetch(url + endpoint + path, init)).arrayBuffer();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Requests per second of the server's CPU: the best round, since noise only ever takes away. */
async function measure(
  url: string,
  load: Load,
  { requests, rounds }: { requests: number; rounds: number },
): Promise<number> {
  await send(url, load, requests / 4);
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const before = await cpuSeconds(url);
    await send(url, load, requests);
    best = Math.max(best, requests / ((await cpuSeconds(url)) - before));
  }
  return Math.round(best);
}

async function measureVariant(variant: Variant, options: { requests: number; rounds: number }): Promise<Row[]> {
  const server = Bun.spawn([process.execPath, import.meta.path, "--serve", variant], {
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    const { value } = await server.stdout.getReader().read();
    const url = new TextDecoder().decode(value).trim();
    const rows: Row[] = [];
    for (const [load, call] of Object.entries(loads))
      rows.push({ load, variant, requestsPerCpuS: await measure(url, call, options) });
    return rows;
  } finally {
    server.kill();
    await server.exited;
  }
}

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    rounds: { type: "string", default: "3" },
    json: { type: "string" },
    serve: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

const served = variants.find((variant) => variant === values.serve);
if (values.help) process.stdout.write(`${help}\n`);
else if (served !== undefined) await serve(served);
else await compare({ requests: Number(values.requests), rounds: Number(values.rounds) });

async function compare(options: { requests: number; rounds: number }): Promise<void> {
  const rows: Row[] = [];
  for (const variant of variants) rows.push(...(await measureVariant(variant, options)));
  const adapterOf = (load: string) =>
    rows.find((row) => row.load === load && row.variant === "adapter")?.requestsPerCpuS ?? 1;
  const table = rows.map((row) => ({ ...row, ratioToAdapter: (row.requestsPerCpuS / adapterOf(row.load)).toFixed(2) }));
  console.table(table.toSorted((one, other) => one.load.localeCompare(other.load)));
  if (values.json !== undefined) await Bun.write(values.json, `${JSON.stringify(table, null, 2)}\n`);
}
