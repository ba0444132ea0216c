import { z } from "zod";

export type Page<Item> = { items: Item[]; nextCursor: string | null };

/** Where a page went on to. Opaque to clients: what it names may change. */
export function cursorOf(key: z.ZodString) {
  return z
    .string()
    .max(200)
    .refine((cursor) => key.safeParse(readCursor(cursor)).success, "not a cursor of this list");
}

export function readCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}

/** Takes one row more than the limit as the sign that more follow. */
export function toPage<Item>(rows: Item[], limit: number, keyOf: (item: Item) => string): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? Buffer.from(keyOf(last)).toString("base64url") : null };
}
