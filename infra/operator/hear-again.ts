import type { SQL } from "bun";
import type { OperatorClient } from "./operator-client.ts";

/** What order listens to, stock before shipments: a dispatch is understood only once the order is confirmed. */
const streams = ["inventory", "worker"] as const;
type Producers = Record<(typeof streams)[number], SQL>;

type Options = { client: OperatorClient; order: SQL; producers: Producers; keys: string[] };

const maxWaitMs = 60_000;
const lookEveryMs = 250;

/**
 * Waits until order has heard again all that its neighbours had told by now, and applies what it had set aside about
 * these orders because it did not know them. Calls `meanwhile` after each look.
 *
 * @returns what is left to look at: nothing, or why order is not there after a minute.
 */
export async function hearAgain(options: Options, meanwhile: () => Promise<void>): Promise<string[]> {
  const heads = await readHeads(options.producers);
  const giveUpAt = performance.now() + maxWaitMs;
  for (;;) {
    const failing = await redriveAll(options);
    const behind = await streamsBehind(options.order, heads);
    await meanwhile();
    if (failing.length === 0 && behind.length === 0) return [];
    if (performance.now() > giveUpAt) return [...failing, ...behind];
    await Bun.sleep(lookEveryMs);
  }
}

async function readHeads(producers: Producers): Promise<[stream: string, head: number][]> {
  return await Promise.all(
    streams.map(async (stream): Promise<[string, number]> => {
      const [row]: { head: string }[] = await producers[stream]`select head from stream where name = ${stream}`;
      return [stream, Number(row?.head ?? 0)];
    }),
  );
}

async function streamsBehind(order: SQL, heads: [stream: string, head: number][]): Promise<string[]> {
  const rows: { stream: string; position: string }[] = await order`select stream, position from cursor`;
  const positions = new Map(rows.map(({ stream, position }) => [stream, Number(position)]));
  return heads
    .filter(([stream, head]) => (positions.get(stream) ?? 0) < head)
    .map(([stream, head]) => `order is at ${positions.get(stream) ?? 0} of ${stream}, which is at ${head}`);
}

/** Each call applies a bounded number, so what is left is taken at the next look. */
async function redriveAll({ client, order, keys }: Options): Promise<string[]> {
  const letters: { stream: string; key: string; error: string }[] = await order`
    select distinct on (stream, key) stream, key, error from dead_letter
    where not is_parked and key = any(${order.array(keys, "TEXT")}) order by stream, key, position`;
  const failing: string[] = [];
  for (const { stream, key } of letters) {
    const call = { idempotencyKey: crypto.randomUUID(), stream, key };
    const { remaining } = await client.order.deadLetters.redrive.mutate(call);
    if (remaining > 0) failing.push(`${key}: ${remaining} dead letters of ${stream} still wait at order`);
  }
  return failing;
}
