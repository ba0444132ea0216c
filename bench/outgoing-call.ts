import { parseArgs } from "node:util";
import { fixedPeers } from "@orderflow/common/resilience/testing/fixed-peers";

const help = `What deadline, breaker, bulkhead and the choice of an instance add to an outgoing call: the same calls over a
\`fetch\` that answers at once, bare and wrapped. CPU per call, in microseconds, best of five.

bun bench/outgoing-call.ts [--calls 200000] [--json FILE]`;

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "200000" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}

const calls = Math.min(Number(values.calls), 5_000_000);
const url = "http://127.0.0.1:1";
const body = '{"skus":["TEA-1"]}';
globalThis.fetch = Object.assign(async () => new Response('{"result":{"data":1}}'), { preconnect: () => undefined });

const target = fixedPeers({ sample: [url, "http://127.0.0.1:2"] }).target({ service: "sample" });
const headers = { "content-type": "application/json" };
const forever = new AbortController().signal;
const request = { method: "POST", path: "/internal/quote", headers, body };

const ways: Record<string, () => Promise<Response>> = {
  bare: () => fetch(url + request.path, { method: "POST", headers, body, signal: forever }),
  "bare, with AbortSignal.timeout": async () => {
    const answer = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(2_000) });
    return new Response(await answer.arrayBuffer(), { status: answer.status, headers: answer.headers });
  },
  "wrapped, as the gateway forwards": () => target.send({ ...request, isSafe: false, isStream: true, signal: forever }),
  "wrapped, as a service asks": () => target.send({ ...request, isSafe: true }),
};

async function cpuPerCallUs(call: () => Promise<Response>): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < calls; n++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

const figures: Record<string, number> = {};
for (const [way, call] of Object.entries(ways)) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) best = Math.min(best, await cpuPerCallUs(call));
  figures[way] = Math.round(best * 10) / 10;
}
console.table(Object.entries(figures).map(([way, us]) => ({ way, "CPU per call (µs)": us })));
if (values.json) await Bun.write(values.json, `${JSON.stringify({ calls, figures }, null, 2)}\n`);
process.exit(0);
