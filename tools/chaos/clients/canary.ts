import { type Crowd, orderIdOf, place } from "./crowd.ts";
import { addressOf, canarySku } from "./visits.ts";

const pollMs = 50;
const patienceMs = 60_000;

export type Flight = { confirmedAfterMs: number | undefined; mailedAfterMs: number | undefined };

/** Orders that show how long the system was not itself. They count as orders like all others. */
export function createCanary(crowd: Crowd, options: { seed: number; mailbox: string }) {
  let flights = 0;
  return async ({ awaitsMail }: { awaitsMail: boolean }): Promise<Flight> => {
    const mark = `chaos ${options.seed}-canary-${++flights}`;
    const request = {
      idempotencyKey: crypto.randomUUID(),
      lines: [{ sku: canarySku, quantity: 1 }],
      shippingAddress: addressOf(mark),
    };
    const [account] = crowd.customers;
    if (!account) throw new Error("a canary needs an account");
    const startedAt = performance.now();
    const orderId = orderIdOf(await place(crowd, { account, mark, request }));
    if (!orderId) return { confirmedAfterMs: undefined, mailedAfterMs: undefined };
    const confirmedAfterMs = await elapsedUntil(startedAt, async () => {
      const { status } = await account.shop.order.byId.query({ orderId });
      return status !== "pending";
    });
    const mailedAfterMs = awaitsMail
      ? await elapsedUntil(startedAt, () => isMailed(options.mailbox, orderId))
      : undefined;
    return { confirmedAfterMs, mailedAfterMs };
  };
}

async function isMailed(mailbox: string, orderId: string): Promise<boolean> {
  const answer = await fetch(`${mailbox}/marks?order=${orderId}`);
  const mails = (await answer.json()) as unknown[];
  return mails.length > 0;
}

async function elapsedUntil(startedAt: number, check: () => Promise<boolean>): Promise<number | undefined> {
  while (performance.now() - startedAt < patienceMs) {
    if (await check().catch(() => false)) return performance.now() - startedAt;
    await Bun.sleep(pollMs);
  }
  return undefined;
}
