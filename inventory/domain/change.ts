import type { Fact } from "@orderflow/common/messaging/event";
import type { Product } from "./product.ts";
import type { Stock } from "./stock.ts";

export type ReservationStatus = "held" | "released" | "sold";

/** Units of one SKU kept for one order. It ends once: given back, or sold. */
export type Reservation = {
  orderId: string;
  sku: string;
  location: string;
  quantity: number;
  status: ReservationStatus;
};

export type MovementKind = "received" | "adjusted" | "reserved" | "released" | "sold";

/** Why stock moves: the id of the event that was heard or the idempotency key of the call, who called, and when. */
export type Cause = { id: string; at: Date; actor?: string | undefined };

/** One line of the ledger. The deltas of a SKU add up to its stock. */
export type Movement = {
  sku: string;
  location: string;
  kind: MovementKind;
  onHandDelta: number;
  reservedDelta: number;
  onHandAfter: number;
  reservedAfter: number;
  cause: Cause;
  orderId?: string | undefined;
  reason?: string | undefined;
};

/** What follows from a decision: new states, the movements between the old and the new, and what to tell. */
export type Change = {
  products: Product[];
  stocks: Stock[];
  reservations: Reservation[];
  movements: Movement[];
  facts: Fact[];
};

export const noChange: Change = { products: [], stocks: [], reservations: [], movements: [], facts: [] };
