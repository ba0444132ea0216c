import { newId } from "@orderflow/common/ids";
import { isAlive } from "@orderflow/tools/embedded/process-state";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import { TRPCClientError } from "@trpc/client";
import { type Shop, signIn } from "./shop.ts";
import type { System } from "./start-system.ts";

export type Failure = { call: string; atMs: number; code: string };

export type Load = {
  /** Calls finished so far. */
  calls(): number;
  failures(): Failure[];
  /** From before this begins until it ends the clients hardly pause, so that calls are under way at every moment of it. */
  hurry(during: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
};

type Options = {
  /** Each asks, waits for the answer and `pauseMs`, and asks the next. */
  clients: number;
  pauseMs?: number;
  /** Times a client asks again, with the same idempotency key, after an answer that is no refusal. */
  retries?: number;
};

const hurriedPauseMs = 5;
const retryDelayMs = 50;
/** Nobody shall be told that all is sold. */
const deliveredUnits = 100_000;

/** Clients that place orders, read them, search products and look at deliveries and shipments, until they are stopped. */
export async function startLoad(system: System, { clients, pauseMs = 20, retries = 0 }: Options): Promise<Load> {
  const [customer, operator] = await Promise.all([signIn(system, "customer"), signIn(system, "operator")]);
  const { items } = await customer.shop.inventory.search.query({ limit: 5 });
  const skus = items.map(({ sku }) => sku);
  for (const sku of skus) {
    const delivery = { idempotencyKey: newId(), sku, delta: deliveredUnits, reason: "received" };
    await operator.shop.inventory.adjust.mutate(delivery);
  }
  const calls = callsOf({ customer: customer.shop, operator: operator.shop, skus });
  const failures: Failure[] = [];
  let [finished, isStopped, currentPauseMs] = [0, false, pauseMs];

  async function attempt(name: string, call: () => Promise<unknown>): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await call();
        return;
      } catch (error) {
        const code = codeOf(error);
        if (tries === retries) {
          failures.push({ call: name, atMs: performance.now(), code });
          return;
        }
        await Bun.sleep(retryDelayMs * (tries + 1));
      }
    }
  }

  async function client(first: number): Promise<void> {
    for (let turn = first; !isStopped; turn++) {
      const [name, makeCall] = calls[turn % calls.length] ?? [];
      if (name && makeCall) await attempt(name, makeCall());
      finished++;
      await Bun.sleep(currentPauseMs);
    }
  }

  const running = Array.from({ length: clients }, (_, first) => client(first));
  return {
    calls: () => finished,
    failures: () => failures,
    async hurry(during) {
      const before = finished;
      currentPauseMs = hurriedPauseMs;
      await eventually(() => finished > before + clients, { timeoutMs: 20_000 });
      await during();
      currentPauseMs = pauseMs;
    },
    async stop() {
      isStopped = true;
      await Promise.all(running);
    },
  };
}

type Shops = { customer: Shop; operator: Shop; skus: string[] };

/** Each makes a call that asks for the same however often it is repeated. */
function callsOf({ customer, operator, skus }: Shops): [string, () => () => Promise<unknown>][] {
  let placed: string | undefined;
  let next = 0;
  const place = () => {
    const line = { sku: skus[next++ % skus.length] ?? "", quantity: 1 };
    const order = { idempotencyKey: newId(), lines: [line], shippingAddress: anAddress };
    return async () => {
      placed = (await customer.order.place.mutate(order)).id;
    };
  };
  return [
    ["order.place", place],
    ["order.byId", () => async () => placed && customer.order.byId.query({ orderId: placed })],
    ["inventory.search", () => () => customer.inventory.search.query({ limit: 5 })],
    ["notify.deliveries", () => () => operator.notify.deliveries.query({ limit: 5 })],
    ["worker.shipments", () => () => operator.worker.shipments.query({ limit: 5 })],
  ];
}

function codeOf(error: unknown): string {
  if (!(error instanceof TRPCClientError)) return String(error);
  return error.data?.code ?? error.message;
}

type Replacing = { instance: string; signal: NodeJS.Signals; load: Load };

/** Ends one process under hurried calls and waits until its successor is found by the gateway. Answers when it was told to end, on the clock of `performance.now()`. */
export async function replaceInstance(system: System, { instance, signal, load }: Replacing): Promise<number> {
  const { services } = await system.run();
  const old = services.find((each) => each.instance === instance);
  if (!old) throw new Error(`no ${instance} is running`);
  const instances = services.filter(({ name }) => name === old.name).length;
  let toldAtMs = 0;
  await load.hurry(async () => {
    toldAtMs = performance.now();
    process.kill(old.pid, signal);
    await eventually(() => !isAlive(old.pid), { timeoutMs: 15_000 });
  });
  await eventually(
    async () => {
      const now = (await system.run()).services.find((each) => each.instance === instance);
      if (!now || now.pid === old.pid) return false;
      const ready = await fetch(`${now.url}/readyz`);
      // The gateway does not count itself.
      return ready.ok && (old.name === "gateway" || (await knownInstances(system))[old.name] === instances);
    },
    { timeoutMs: 30_000 },
  );
  return toldAtMs;
}

/** As the gateway sees them. */
export async function knownInstances(system: System): Promise<Record<string, number>> {
  const answer = await fetch(`${system.gateway}/readyz`);
  const { instances } = (await answer.json()) as { instances: Record<string, number> };
  return instances;
}
