import { StockLine } from "@orderflow/common/events/values";
import { z } from "zod";
import { type Shipment, shipmentStatuses } from "../domain/shipment.ts";
import { listShipments } from "../repositories/list-shipments.ts";
import { exampleShipment } from "./examples.ts";
import { operatorProcedure } from "./trpc.ts";

const ShipmentView = z
  .object({
    id: z.uuid(),
    orderId: z.uuid(),
    orderNumber: z.string(),
    status: z.enum(shipmentStatuses),
    lines: z.array(StockLine),
    carrier: z.string().nullable(),
    trackingNumber: z.string().nullable(),
    correlationId: z.string().nullable(),
    requestedAt: z.iso.datetime(),
    dispatchedAt: z.iso.datetime().nullable(),
    deliveredAt: z.iso.datetime().nullable(),
    cancelledAt: z.iso.datetime().nullable(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: "Shipment" });

const Input = z.object({
  orderId: z.uuid().optional(),
  status: z.enum(shipmentStatuses).optional(),
  cursor: z.uuid().optional(),
  limit: z.int().min(1).max(100).default(20),
});

/** Newest first. */
export const shipments = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/shipments",
      summary: "List shipments",
      description: "Newest first.",
      example: { input: { status: "dispatched" }, output: { items: [exampleShipment], nextCursor: null } },
    },
  })
  .input(Input)
  .output(z.object({ items: z.array(ShipmentView), nextCursor: z.uuid().nullable() }))
  .query(async ({ ctx, input }) => {
    const { items, nextCursor } = await listShipments(ctx.sql, input);
    return { items: items.map(viewOf), nextCursor };
  });

function viewOf(shipment: Shipment): z.infer<typeof ShipmentView> {
  const { booking, trace, requestedAt, dispatchedAt, deliveredAt, cancelledAt, updatedAt, ...rest } = shipment;
  return {
    ...rest,
    carrier: booking?.carrier ?? null,
    trackingNumber: booking?.trackingNumber ?? null,
    correlationId: trace.correlationId ?? null,
    requestedAt: requestedAt.toISOString(),
    dispatchedAt: dispatchedAt?.toISOString() ?? null,
    deliveredAt: deliveredAt?.toISOString() ?? null,
    cancelledAt: cancelledAt?.toISOString() ?? null,
    updatedAt: updatedAt.toISOString(),
  };
}
