import postgres from "postgres";
import type { BenchSystem } from "./bench-system.ts";

// Counting what waits is work for the same PostgreSQL.
const lookMs = 2_000;
const maxWaitMs = 1_800_000;

/** Waits until every order is decided and every mail that is due is sent; what the carrier has is left for another day. */
export async function awaitSettled(bench: BenchSystem, say: (text: string) => void): Promise<void> {
  const order = postgres(await bench.databaseUrl("order"), { max: 1 });
  const notify = postgres(await bench.databaseUrl("notify"), { max: 1 });
  const startedAt = performance.now();
  try {
    for (let looks = 1; ; looks++) {
      const [orders] = await order<{ count: number }[]>`
        select count(*)::int as count from customer_order where status = 'pending'`;
      const [mails] = await notify<{ count: number }[]>`
        select count(*)::int as count from delivery where status = 'pending'`;
      const [told] = await order<{ head: string }[]>`select head from stream where name = 'order'`;
      const [heard] = await notify<{ position: string }[]>`select position from cursor where stream = 'order'`;
      const behind = Number(told?.head ?? 0) - Number(heard?.position ?? 0);
      if (orders?.count === 0 && mails?.count === 0 && behind === 0) return;
      if (performance.now() - startedAt > maxWaitMs)
        throw new Error(`${orders?.count} orders and ${mails?.count} mails are left`);
      if (looks % 5 === 0) say(`  settling: ${orders?.count} orders, ${mails?.count} mails, ${behind} events to go`);
      await Bun.sleep(lookMs);
    }
  } finally {
    await Promise.all([order.end(), notify.end()]);
  }
}
