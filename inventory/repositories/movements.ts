import type { SQL } from "bun";
import type { MovementKind } from "../domain/change.ts";

/** A line of the ledger as it was written. `cause` is an event's id or an idempotency key. */
export type MovementView = {
  id: string;
  sku: string;
  location: string;
  kind: MovementKind;
  onHandDelta: number;
  reservedDelta: number;
  onHandAfter: number;
  reservedAfter: number;
  orderId: string | null;
  cause: string;
  reason: string | null;
  actor: string | null;
  at: string;
};

export type Movements = {
  /** Newest first, from before the movement named. One more than the limit tells that more follow. */
  list(page: { sku: string; before?: string | undefined; limit: number }): Promise<MovementView[]>;
};

type MovementRow = Omit<MovementView, "at"> & { at: Date };

export function createMovements(sql: SQL): Movements {
  return {
    async list({ sku, before, limit }) {
      const rows: MovementRow[] = await sql`
        select id::text as id, sku, location, kind, on_hand_delta as "onHandDelta", reserved_delta as "reservedDelta",
               on_hand_after as "onHandAfter", reserved_after as "reservedAfter", order_id as "orderId", cause, reason,
               actor, at
        from stock_movement
        where sku = ${sku} and id < ${before ?? String(Number.MAX_SAFE_INTEGER)}::bigint
        order by stock_movement.id desc limit ${limit + 1}`;
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
    },
  };
}
