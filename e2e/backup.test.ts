import { afterAll, beforeAll, expect } from "bun:test";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "@orderflow/common/ids";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { longTest } from "./support/long-test.ts";
import { type Shop, signIn, stockUp, untilAnswered } from "./support/shop.ts";
import { runCommandIn, type System, startSystem, startSystemIn } from "./support/start-system.ts";

const quick = ["CARRIER_DISPATCH_DELAY_MS=200", "CARRIER_DELIVERY_DELAY_MS=200"];
/** As little as may be kept is kept. */
const forgetful = ["PRUNE_INTERVAL_S=1", "EVENT_RETENTION_HOURS=0"];
const settings = [...quick, ...forgetful].flatMap((setting) => ["--env", setting]);
const clients = 8;
const isLong = Boolean(process.env.LONG_TESTS);

let system: System;
const folder = temporaryFolder();
let customer: Shop;

beforeAll(async () => {
  if (!isLong) return;
  system = await startSystem(...settings);
  customer = (await signIn(system, "customer")).shop;
}, 90_000);
afterAll(() => system?.stop(), 60_000);

/** Clients order until they are stopped. Answers what was accepted, in the order of the answers. */
async function startOrders(shop: Shop, skus: string[]) {
  const accepted: string[] = [];
  let isStopped = false;
  const client = async () => {
    while (!isStopped) {
      const lines = [{ sku: skus[accepted.length % skus.length] ?? "", quantity: 1 }];
      const order = { idempotencyKey: newId(), lines, shippingAddress: anAddress };
      const answer = await untilAnswered(() => shop.order.place.mutate(order));
      if (!("refused" in answer)) accepted.push(answer.id);
    }
  };
  const running = Promise.all(Array.from({ length: clients }, client));
  return {
    accepted,
    async stop() {
      isStopped = true;
      await running;
    },
  };
}

async function endsWell(state: { command: System["command"] }): Promise<void> {
  await eventually(
    async () => {
      const { code, output } = await state.command("audit", "--settled");
      expect(code, output).toBe(0);
    },
    { timeoutMs: 60_000, intervalMs: 1_000 },
  );
}

type Streams = { stream: string; head: number; floor: number; readers: { position: number }[] }[];

async function streamsOf(of: System): Promise<Streams> {
  return JSON.parse((await of.command("readers", "--json")).output);
}

let skus: string[];
let acceptedBefore: string[];

longTest(
  "while orders come, their logs are pruned, a backup is taken, and nothing is missed",
  async () => {
    skus = await stockUp(system);
    const orders = await startOrders(customer, skus);
    await eventually(() => orders.accepted.length > 200, { timeoutMs: 30_000 });
    acceptedBefore = [...orders.accepted];
    const { code, output } = await system.command("backup", "--to", join(folder, "copy"));
    expect(code, output).toBe(0);
    const during = orders.accepted.length;
    await eventually(() => orders.accepted.length > during + 100, { timeoutMs: 30_000 });
    await orders.stop();
    await endsWell(system);
    // The last reader says where it is within ten seconds, and the next round prunes up to there.
    await eventually(
      async () => {
        for (const { head, floor, readers } of await streamsOf(system)) {
          expect(head).toBeGreaterThan(300);
          expect(readers.map(({ position }) => position)).toEqual(readers.map(() => head));
          expect(floor).toBe(head);
        }
      },
      { timeoutMs: 30_000, intervalMs: 500 },
    );
    await endsWell(system);
    const last = acceptedBefore.at(-1) ?? "";
    expect((await customer.order.timeline.query({ orderId: last })).items.at(-1)?.status).toBe("delivered");
  },
  150_000,
);

longTest(
  "a copy of it goes on where it was taken, with every order that was accepted before, and finishes them",
  async () => {
    const state = temporaryFolder();
    const from = join(folder, "copy");
    const restored = await runCommandIn(state, "restore", "--from", from);
    expect(restored.code, restored.output).toBe(0);
    const again = await runCommandIn(state, "restore", "--from", from);
    expect(again).toMatchObject({ code: 2, output: expect.stringContaining("is not empty") });
    const forced = await runCommandIn(state, "restore", "--from", from, "--force");
    expect(forced.code, forced.output).toBe(0);

    const copy = await startSystemIn(state, ...settings);
    try {
      const over = await copy.command("restore", "--from", from, "--force");
      expect(over).toMatchObject({ code: 2, output: expect.stringContaining("It runs already") });
      const { shop } = await signIn(copy, "customer");
      const orders = await startOrders(shop, skus);
      await eventually(() => orders.accepted.length > 50, { timeoutMs: 30_000 });
      await orders.stop();
      await endsWell(copy);
      for (const orderId of [...acceptedBefore, ...orders.accepted])
        expect((await shop.order.byId.query({ orderId })).status).toBe("delivered");
    } finally {
      await copy.stop();
    }
  },
  150_000,
);

longTest(
  "a file that was changed is refused before anything is touched",
  async () => {
    const state = temporaryFolder();
    await appendFile(join(folder, "copy/order/public.customer_order.rows.gz"), "x");
    const { code, output } = await runCommandIn(state, "restore", "--from", join(folder, "copy"));
    expect([code, output]).toEqual([2, expect.stringContaining("is not as it was written")]);
  },
  30_000,
);
