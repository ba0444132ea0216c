import { parseArgs } from "node:util";
import { prepareFuzz } from "./support/abuse/prepare-fuzz.ts";
import { runFuzz } from "./support/abuse/run-fuzz.ts";
import { makeCallers } from "./support/callers.ts";
import { startSystem } from "./support/start-system.ts";

const help = `Usage: bun e2e/fuzz.ts [--requests N] [--seed N] [--json FILE]

Starts a system of its own and sends it requests made from the schemas of everything that can be asked: valid ones,
nearly valid ones, and hostile ones. Fails when one of them is answered 500 or more, not at all, or with a sight of what is inside.
  --requests N   20,000 by default
  --seed N       makes the same requests again; chosen by chance by default
  --json FILE    writes the report`;
const shownFindings = 20;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    seed: { type: "string" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(help);
else process.exitCode = await fuzz();

async function fuzz(): Promise<number> {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const requests = Number(values.requests);
  // Passwords are tried more often here than anybody may.
  process.env.AUTH_RATE_LIMIT_MAX = "0";
  console.log(`Sending ${requests} requests, seed ${seed}`);
  const system = await startSystem();
  try {
    const prepared = await prepareFuzz(system.gateway, await makeCallers(system));
    const onProgress = (sent: number) => console.log(`${sent} sent`);
    const report = await runFuzz({ ...prepared, requests, seed, onProgress });
    const { findings, ...figures } = report;
    console.log(figures);
    for (const finding of findings.slice(0, shownFindings)) console.log(JSON.stringify(finding, null, 1));
    console.log(`${findings.length} findings`);
    if (values.json) await Bun.write(values.json, `${JSON.stringify({ seed, ...report }, null, 2)}\n`);
    return findings.length === 0 ? 0 : 1;
  } finally {
    await system.stop();
  }
}
