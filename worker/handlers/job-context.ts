import type { Logger } from "@orderflow/common/observability/logger";
import type { SQL } from "bun";
import { z } from "zod";
import type { Carrier } from "../providers/carrier.ts";
import type { OrderDesk } from "../providers/order-desk.ts";
import type { Shipments } from "../repositories/shipments.ts";

/** What the jobs work with. */
export type JobContext = {
  sql: SQL;
  shipments: Shipments;
  carrier: Carrier;
  orders: OrderDesk;
  logger: Logger;
  now: () => Date;
  dispatchDelayMs: number;
  deliveryDelayMs: number;
};

export const ShipmentJob = z.object({ shipmentId: z.uuid() });
