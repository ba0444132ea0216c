import { z } from "zod";

const ShipmentReference = z.object({
  shipmentId: z.uuid(),
  orderId: z.uuid(),
  carrier: z.string(),
  trackingNumber: z.string(),
});

export const ShipmentDispatched = ShipmentReference.extend({ dispatchedAt: z.iso.datetime() });
export const ShipmentDelivered = ShipmentReference.extend({ deliveredAt: z.iso.datetime() });
