import type { SQL } from "bun";

/** All that a mutation could have left behind, for before and after. */
export async function stored(sql: SQL): Promise<object> {
  const [row] = await sql`
    select (select count(*) from product) as products, (select sum(on_hand) from stock) as on_hand,
           (select count(*) from stock_movement) as movements, (select head from stream where name = 'inventory') as head,
           (select count(*) from idempotency_key) as keys`;
  return { ...row };
}
