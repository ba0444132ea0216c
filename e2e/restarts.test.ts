import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { knownInstances, type Load, replaceInstance, startLoad } from "./support/load.ts";
import { longTest } from "./support/long-test.ts";
import { type System, startSystem } from "./support/start-system.ts";

const services = ["order", "inventory", "notify", "worker"];
const doubled = process.env.LONG_TESTS ? services : ["order", "inventory"];
/** Of one service the second too: by then only the first's successor is left to be called. */
const twice = process.env.LONG_TESTS ? doubled : ["order"];
const restarted = [...doubled.map((service) => `${service}-1`), ...twice.map((service) => `${service}-2`)];
/** Of which each client makes some, before anything is done to the system and after. */
const callsSeen = process.env.LONG_TESTS ? 100 : 40;
const allThere = Object.fromEntries(services.map((service) => [service, doubled.includes(service) ? 2 : 1]));
let system: System;
let load: Load | undefined;

beforeAll(async () => {
  system = await startSystem("--instances", doubled.map((service) => `${service}=2`).join(","));
}, 120_000);
afterEach(async () => {
  await load?.stop();
  await eventually(async () => expect(await knownInstances(system)).toEqual(allThere), { timeoutMs: 30_000 });
});
afterAll(() => system?.stop(), 60_000);

type LoadOptions = Omit<Parameters<typeof startLoad>[1], "pauseMs">;

async function underLoad(options: LoadOptions, work: (load: Load) => Promise<void>): Promise<Load> {
  const started = await startLoad(system, { ...options, pauseMs: 100 });
  load = started;
  await eventually(() => started.calls() > callsSeen, { timeoutMs: 20_000 });
  await work(started);
  await started.stop();
  return started;
}

/** Until so many more calls were answered. */
function callsMore(more: number): Promise<unknown> {
  const from = load?.calls() ?? 0;
  return eventually(() => (load?.calls() ?? 0) > from + more, { timeoutMs: 60_000 });
}

test("services are restarted, one instance at a time, and no call fails", async () => {
  const { failures, calls } = await underLoad({ clients: 4 }, async (load) => {
    for (const instance of restarted) await replaceInstance(system, { instance, signal: "SIGTERM", load });
  });
  console.log(`${calls()} calls through the restart of ${restarted.length} instances`);
  expect(failures()).toEqual([]);
}, 180_000);

test("of an instance that is killed at most the calls under way fail, and none a second later", async () => {
  let killedAtMs = 0;
  const clients = 8;
  const { failures } = await underLoad({ clients }, async (load) => {
    killedAtMs = await replaceInstance(system, { instance: "order-1", signal: "SIGKILL", load });
    await callsMore(callsSeen);
  });
  console.log(`${failures().length} of ${clients} clients had a call fail`);
  expect(failures().length).toBeLessThanOrEqual(clients);
  expect(failures().filter(({ atMs }) => atMs > killedAtMs + 1_000)).toEqual([]);
}, 120_000);

longTest(
  "clients that ask again with the same key see nothing of it",
  async () => {
    const { failures } = await underLoad({ clients: 8, retries: 3 }, async (load) => {
      for (const instance of ["order-1", "inventory-1"])
        await replaceInstance(system, { instance, signal: "SIGKILL", load });
      await callsMore(callsSeen);
    });
    expect(failures()).toEqual([]);
  },
  120_000,
);

test("without the broker calls go on at the configured addresses, and all is announced when it is back", async () => {
  const { failures } = await underLoad({ clients: 4 }, async () => {
    await system.kill("broker");
    await eventually(async () => expect(await knownInstances(system)).toEqual(allThere), { timeoutMs: 30_000 });
    await callsMore(callsSeen);
  });
  expect(failures()).toEqual([]);
  for (const { name, url } of (await system.run()).services) {
    expect(`${name} ${(await fetch(`${url}/readyz`)).status}`).toBe(`${name} 200`);
  }
}, 120_000);
