import postgres from "postgres";
import { type Quantiles, quantilesOf } from "./quantiles.ts";

export type Delays = { confirmed: Quantiles; mailQueued: Quantiles; confirmedPerS: number };

type Window = { orderUrl: string; notifyUrl: string; from: Date; to: Date };

/**
 * From the moment an order was placed, in ms, of those placed in this window: until it was confirmed, and until the mail
 * that says it was placed was queued. The services' own clocks tell, which are one on one machine.
 */
export async function readDelays({ orderUrl, notifyUrl, from, to }: Window): Promise<Delays> {
  const order = postgres(orderUrl, { max: 1 });
  const notify = postgres(notifyUrl, { max: 1 });
  try {
    const confirmed = await order<{ ms: number }[]>`
      select extract(epoch from event.time - placed.placed_at)::float8 * 1000 as ms
      from event join customer_order placed on placed.id = event.key::uuid
      where event.stream = 'order' and event.type = 'order.confirmed' and placed.placed_at between ${from} and ${to}`;
    const [within] = await order<{ count: number }[]>`
      select count(*)::int as count from event
      where stream = 'order' and type = 'order.confirmed' and time between ${from} and ${to}`;
    const queued = await notify<{ ms: number }[]>`
      select extract(epoch from created_at - (data->>'placedAt')::timestamptz)::float8 * 1000 as ms from delivery
      where kind = 'order.created' and (data->>'placedAt')::timestamptz between ${from} and ${to}`;
    return {
      confirmed: quantilesOf(confirmed.map(({ ms }) => ms)),
      mailQueued: quantilesOf(queued.map(({ ms }) => ms)),
      confirmedPerS: ((within?.count ?? 0) * 1_000) / (to.getTime() - from.getTime()),
    };
  } finally {
    await Promise.all([order.end(), notify.end()]);
  }
}
