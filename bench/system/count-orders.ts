import postgres from "postgres";

/** How many orders have been placed since, by the services' own clocks. */
export async function countOrders(orderUrl: string, since: Date): Promise<number> {
  const sql = postgres(orderUrl, { max: 1 });
  try {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from customer_order where placed_at >= ${since}`;
    return row?.count ?? 0;
  } finally {
    await sql.end();
  }
}
