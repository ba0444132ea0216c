import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { newId } from "@orderflow/common/ids";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { TRPCClientError } from "@trpc/client";
import { type Shop, signIn, stockUp, untilAnswered } from "./support/shop.ts";
import { type System, startSystemIn } from "./support/start-system.ts";

/** PostgreSQL gets a disk of its own, which wants root. A minute long. */
const canRun = Boolean(process.env.LONG_TESTS) && process.platform === "linux" && process.getuid?.() === 0;
const diskBytes = 400 * 1024 * 1024;
const clients = 4;
const fullForMs = 15_000;
const settings = ["CARRIER_DISPATCH_DELAY_MS=200", "CARRIER_DELIVERY_DELAY_MS=200"].flatMap((line) => ["--env", line]);

let system: System;
let shop: Shop;
let disk: string;

beforeAll(async () => {
  if (!canRun) return;
  const state = temporaryFolder();
  // Else PostgreSQL's user could not enter, and its data would lie elsewhere.
  chmodSync(state, 0o755);
  disk = join(state, "postgres");
  mkdirSync(disk);
  run("mount", "-t", "tmpfs", "-o", `size=${diskBytes}`, "tmpfs", disk);
  system = await startSystemIn(state, ...settings);
  shop = (await signIn(system, "customer")).shop;
}, 90_000);
afterAll(async () => {
  if (!canRun) return;
  // Its folder cannot be removed while a disk is mounted in it.
  await system?.stop().catch(() => undefined);
  run("umount", "--lazy", disk);
  rmSync(dirname(disk), { recursive: true, force: true });
}, 60_000);

function run(...command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}

type Call = Parameters<Shop["order"]["place"]["mutate"]>[0];
type Outcome = { call: Call; orderId?: string; refused?: string };

/** Clients order until the signal, and write down each answer. */
async function order(skus: string[], signal: AbortSignal): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const client = async () => {
    while (!signal.aborted) {
      const lines = [{ sku: skus[outcomes.length % skus.length] ?? "", quantity: 1 }];
      const call = { idempotencyKey: newId(), lines, shippingAddress: anAddress };
      try {
        outcomes.push({ call, orderId: (await shop.order.place.mutate(call)).id });
      } catch (error) {
        if (!(error instanceof TRPCClientError)) throw error;
        outcomes.push({ call, refused: `${error.data?.httpStatus} ${error.data?.reason}` });
        await Bun.sleep(20);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return outcomes;
}

function fillDisk(): { free(): void } {
  const file = join(disk, "filler");
  // Until nothing more fits: PostgreSQL takes of the rest meanwhile.
  Bun.spawnSync(["dd", "if=/dev/zero", `of=${file}`, "bs=64k"]);
  Bun.spawnSync(["dd", "if=/dev/zero", `of=${file}`, "bs=4k", "oflag=append", "conv=notrunc"]);
  expect(statfsSync(disk).bavail).toBe(0);
  return { free: () => rmSync(file) };
}

test.skipIf(!canRun)(
  "on a full disk orders are refused for now and read, nothing is half done, and all goes on once there is room",
  async () => {
    const skus = await stockUp(system);
    const before = await order(skus, AbortSignal.timeout(2_000));
    expect(before.filter(({ refused }) => refused)).toEqual([]);

    const { pid } = (await system.run()).postgres;
    const filler = fillDisk();
    const during = await order(skus, AbortSignal.timeout(fullForMs));
    expect(await shop.order.byId.query({ orderId: before[0]?.orderId ?? "" })).toMatchObject({
      customerId: expect.any(String),
    });
    expect((await system.run()).postgres.pid).toBe(pid);
    const answers = Map.groupBy(during, ({ refused = "accepted" }) => refused);
    console.log("on a full disk:", Object.fromEntries([...answers].map(([answer, calls]) => [answer, calls.length])));
    filler.free();

    const refusals = [...answers.keys()].filter((answer) => answer !== "accepted");
    expect(refusals).toEqual(["503 dependency_unavailable"]);
    const freedAt = performance.now();
    await eventually(() => shop.order.place.mutate({ ...(during[0]?.call as Call), idempotencyKey: newId() }), {
      timeoutMs: 30_000,
    });
    console.log(`accepted again after ${Math.round(performance.now() - freedAt)} ms`);

    // Who repeats a refused call with its key gets one order, whatever became of the first try.
    const repeated = during.filter(({ refused }) => refused).slice(0, 20);
    for (const { call } of repeated) {
      const [first, second] = [await again(call), await again(call)];
      expect(first).toBe(second);
    }
    await eventually(
      async () => {
        const { code, output } = await system.command("audit", "--settled");
        expect(code, output).toBe(0);
      },
      { timeoutMs: 60_000, intervalMs: 1_000 },
    );
    const accepted = [...before, ...during].flatMap(({ orderId }) => orderId ?? []);
    for (const orderId of accepted) expect((await shop.order.byId.query({ orderId })).status).toBe("delivered");
  },
  180_000,
);

async function again(call: Call): Promise<string> {
  const answer = await untilAnswered(() => shop.order.place.mutate(call));
  if ("refused" in answer) throw new Error(answer.refused);
  return answer.id;
}
