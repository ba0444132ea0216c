import { quantilesOf } from "../system/quantiles.ts";
import type { OverloadOptions } from "./overload-options.ts";
import { measurePlacing, withShop } from "./shop.ts";
import { type PartOutcome, verdict } from "./verdict.ts";
import { watchMemory } from "./watch-memory.ts";

const sendEveryMs = 2_000;
const openAtOnce = 100;
const pace = { clients: 16, warmUpMs: 3_000, measureMs: 10_000 };
/** The gateway's `IDLE_TIMEOUT_S` of 30, and the steps in which the server looks. */
const maxKeptMs = 45_000;
const maxPlaceMs = 500;

/** What a client says first; then a byte now and then, or nothing at all. */
const kinds = {
  mute: undefined,
  head: "GET /trpc/order.list HTTP/1.1\r\nhost: localhost\r\nx-slow: ",
  body: "POST /trpc/order.place HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{",
};
type Kind = keyof typeof kinds;

/** Connections that never finish what they ask, beside customers who place orders. */
export function runSlowClients({ slowClients: each }: OverloadOptions): Promise<PartOutcome> {
  return withShop({}, async (shop) => {
    const { port } = new URL(shop.bench.system.gateway);
    const alone = await measurePlacing(shop, pace);
    const memoryOf = watchMemory(await shop.bench.pids());
    const names = Object.keys(kinds) as Kind[];
    const kept = names.map((kind) => openMany(Number(port), kind, each));
    await Bun.sleep(0);
    const beside = await measurePlacing(shop, { ...pace, warmUpMs: 5_000 });
    const keptMs = await Promise.all(kept);
    const longest = Object.fromEntries(names.map((kind, index) => [kind, quantilesOf(keptMs[index] ?? [])]));
    const most = Math.max(...Object.values(longest).map(({ max }) => max));
    return {
      part: "slow-clients",
      verdicts: [
        verdict("placed beside them within, p99", beside.p99, { atMost: maxPlaceMs, unit: " ms" }),
        verdict("calls that failed beside them", beside.failed, { atMost: 0 }),
        verdict("longest that one was kept", Math.round(most), { atMost: maxKeptMs, unit: " ms" }),
      ],
      figures: { connections: each * names.length, alone, beside, keptMs: longest, memoryMb: await memoryOf() },
    };
  });
}

/** How long each was kept. Those that are still open past the bound count as that long. */
async function openMany(port: number, kind: Kind, count: number): Promise<number[]> {
  const kept: Promise<number>[] = [];
  for (let opened = 0; opened < count; opened += openAtOnce) {
    const batch = Array.from({ length: Math.min(openAtOnce, count - opened) }, () => keptMs(port, kind));
    kept.push(...batch);
    await Bun.sleep(50);
  }
  return Promise.all(kept);
}

async function keptMs(port: number, kind: Kind): Promise<number> {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  const handlers = { open: () => undefined, data: () => undefined, close: () => close(), error: () => close() };
  const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: handlers });
  const startedAt = performance.now();
  const first = kinds[kind];
  if (first !== undefined) socket.write(first);
  const sending = first !== undefined && setInterval(() => socket.write("a"), sendEveryMs);
  await Promise.race([closed, Bun.sleep(maxKeptMs + 5_000)]);
  if (sending) clearInterval(sending);
  socket.end();
  return performance.now() - startedAt;
}
