import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { longTest } from "./support/long-test.ts";
import { type Shop, signIn, untilAnswered } from "./support/shop.ts";
import { type System, startSystemIn } from "./support/start-system.ts";

const clients = 32;
/** Between any two kills, enough that every client is at work. */
const share = process.env.LONG_TESTS ? 125 : 40;
const products = 50;
const scarceEvery = 10;
const plenty = 5_000;
/** A third of what is asked for. */
const scarceOf = (orders: number) => Math.round(orders / 40);

let system: System;
let customer: Shop;
let operator: Shop;

beforeAll(async () => {
  const delays = ["CARRIER_DISPATCH_DELAY_MS=200", "CARRIER_DELIVERY_DELAY_MS=200"];
  // From nothing, as on a first day: others begin with databases that are prepared.
  system = await startSystemIn(temporaryFolder(), ...delays.flatMap((delay) => ["--env", delay]));
  [{ shop: customer }, { shop: operator }] = await Promise.all([
    signIn(system, "customer"),
    signIn(system, "operator"),
  ]);
}, 90_000);
afterAll(() => system?.stop(), 60_000);

type Placed = { id: string; lines: { sku: string; quantity: number }[] };

async function stock(wave: string, scarce: number): Promise<string[]> {
  const skus = Array.from({ length: products }, (_, index) => `${wave}-${index}`);
  for (const [index, sku] of skus.entries()) {
    const initialStock = index % scarceEvery === 0 ? scarce : plenty;
    const product = {
      sku,
      name: `Thing ${sku}`,
      unitPrice: { amountMinor: 100 + index, currency: "EUR" },
      initialStock,
    };
    await operator.inventory.createProduct.mutate({ idempotencyKey: crypto.randomUUID(), ...product });
  }
  return skus;
}

/**
 * The clients place until all orders are answered. The victims are killed in turn, and with each begins a share of
 * them: nobody has finished before the last one dies.
 */
async function placeAll(orders: number, skus: string[], victims: string[]): Promise<Placed[]> {
  const accepted: Placed[] = [];
  let [next, killed] = [0, 0];
  const isShareDone = () => killed < victims.length && next >= share * (killed + 1);
  const killAll = async () => {
    for (const victim of victims) {
      await eventually(isShareDone, { timeoutMs: 60_000 });
      killed++;
      await system.kill(victim);
    }
  };
  const client = async () => {
    for (;;) {
      await eventually(() => next >= orders || !isShareDone(), { timeoutMs: 60_000 });
      if (next >= orders) return;
      const n = next++;
      const lines = [0, 1, 2]
        .slice(0, 1 + (n % 3))
        .map((step) => ({ sku: skus[(n + step * 7) % products] ?? "", quantity: 1 + (n % 3) }));
      const idempotencyKey = crypto.randomUUID();
      const answer = await untilAnswered(() =>
        customer.order.place.mutate({ idempotencyKey, lines, shippingAddress: anAddress }),
      );
      if ("refused" in answer) expect(answer.refused).toBe("out_of_stock");
      else accepted.push({ id: answer.id, lines });
    }
  };
  await Promise.all([killAll(), ...Array.from({ length: clients }, client)]);
  return accepted;
}

async function statuses(ids: string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let cursor: string | undefined;
  const wanted = new Set(ids);
  do {
    const page = await customer.order.list.query({ limit: 100, ...(cursor && { cursor }) });
    for (const { id, status } of page.items) if (wanted.has(id)) found.set(id, status);
    cursor = page.nextCursor ?? undefined;
  } while (cursor && found.size < ids.length);
  return found;
}

async function allFinished(accepted: Placed[]): Promise<Map<string, string>> {
  return await eventually(
    async () => {
      const found = await statuses(accepted.map(({ id }) => id));
      expect(found.size).toBe(accepted.length);
      expect([...found.values()].filter((status) => status !== "delivered" && status !== "rejected")).toEqual([]);
      return found;
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  );
}

type Stocked = { skus: string[]; scarce: number };

async function stockIsConserved(
  { skus, scarce }: Stocked,
  accepted: Placed[],
  found: Map<string, string>,
): Promise<void> {
  const sold = new Map(skus.map((sku) => [sku, 0]));
  for (const { id, lines } of accepted) {
    if (found.get(id) !== "delivered") continue;
    for (const { sku, quantity } of lines) sold.set(sku, (sold.get(sku) ?? 0) + quantity);
  }
  for (const [index, sku] of skus.entries()) {
    const { onHand, reserved, available } = await operator.inventory.bySku.query({ sku });
    const received = index % scarceEvery === 0 ? scarce : plenty;
    expect({ sku, total: onHand + (sold.get(sku) ?? 0), reserved }).toEqual({ sku, total: received, reserved: 0 });
    expect(available).toBeGreaterThanOrEqual(0);
  }
}

/** One mail for each state an order went through, found by the headers that name both. */
async function oneMailPerState(accepted: Placed[], found: Map<string, string>): Promise<void> {
  const states = { delivered: ["created", "confirmed", "shipped", "delivered"], rejected: ["created", "rejected"] };
  const wanted = accepted
    .flatMap(({ id }) => states[found.get(id) as "delivered" | "rejected"].map((state) => `${id} order.${state}`))
    .sort();
  const ids = new Set(accepted.map(({ id }) => id));
  await eventually(
    async () => {
      const mails = (await (await fetch(`${system.mailbox}/messages?to=customer@example.com`)).json()) as {
        headers: Record<string, string>;
      }[];
      const ours = mails.filter(({ headers }) => ids.has(headers["x-orderflow-order"] ?? ""));
      expect(
        ours.map(({ headers }) => `${headers["x-orderflow-order"]} ${headers["x-orderflow-event"]}`).sort(),
      ).toEqual(wanted);
    },
    { timeoutMs: 60_000, intervalMs: 1_000 },
  );
}

const everyPart = ["order", "inventory", "notify", "worker", "gateway", "broker", "postgres"];

async function livesThrough(orders: number, victims: string[]): Promise<void> {
  await fetch(`${system.mailbox}/messages`, { method: "DELETE" });
  const scarce = scarceOf(orders);
  const skus = await stock(`S${victims.length}`, scarce);
  const accepted = await placeAll(orders, skus, victims);
  expect(accepted.length).toBeGreaterThan(orders / 2);
  const found = await allFinished(accepted);
  expect(found.size).toBe(accepted.length);
  await stockIsConserved({ skus, scarce }, accepted, found);
  await oneMailPerState(accepted, found);
}

describe(`orders by ${clients} clients over ${products} products, some scarce`, () => {
  test("while every part is killed with -9 in turn: each is delivered or rejected, stock is conserved, one mail per state", async () => {
    await livesThrough((everyPart.length + 1) * share, everyPart);
  }, 180_000);

  longTest(
    "undisturbed: the same",
    async () => {
      await livesThrough(3 * share, []);
    },
    180_000,
  );
});
