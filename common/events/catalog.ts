import type { z } from "zod";
import type { Fact } from "../messaging/event.ts";
import * as order from "./order-events.ts";
import * as shipment from "./shipment-events.ts";
import * as stock from "./stock-events.ts";

/**
 * The published language: each event and command, the stream that carries it, and its schema.
 * A type is versioned by addition only; a listener ignores a type it does not know.
 */
export const catalog = {
  "order.created": { stream: "order", schema: order.OrderCreated },
  "order.confirmed": { stream: "order", schema: order.OrderConfirmed },
  "order.rejected": { stream: "order", schema: order.OrderRejected },
  "order.cancelled": { stream: "order", schema: order.OrderCancelled },
  "order.shipped": { stream: "order", schema: order.OrderShipped },
  "order.delivered": { stream: "order", schema: order.OrderDelivered },
  "fulfil-order": { stream: "order.commands.worker", schema: order.FulfilOrder },
  "stock.reserved": { stream: "inventory", schema: stock.StockReserved },
  "stock.rejected": { stream: "inventory", schema: stock.StockRejected },
  "stock.released": { stream: "inventory", schema: stock.StockReleased },
  "stock.sold": { stream: "inventory", schema: stock.StockSold },
  "stock.adjusted": { stream: "inventory", schema: stock.StockAdjusted },
  "stock.low": { stream: "inventory", schema: stock.StockLow },
  "product.created": { stream: "inventory", schema: stock.ProductCreated },
  "product.updated": { stream: "inventory", schema: stock.ProductUpdated },
  "shipment.dispatched": { stream: "worker", schema: shipment.ShipmentDispatched },
  "shipment.delivered": { stream: "worker", schema: shipment.ShipmentDelivered },
} as const;

export type EventType = keyof typeof catalog;
export type EventData<T extends EventType> = z.infer<(typeof catalog)[T]["schema"]>;

/** A fact of this type with its data; the union over `T` narrows by `type`. */
export type FactOf<T extends EventType> = { [K in T]: Fact & { type: K; data: EventData<K> } }[T];

/** Builds a fact for the stream that the catalog names. `key` is the id of the aggregate the fact is about. */
export function fact<T extends EventType>(type: T, key: string, data: EventData<T>): FactOf<T> {
  return { stream: catalog[type].stream, type, key, data } as FactOf<T>;
}
