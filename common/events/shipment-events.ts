import { z } from "zod";

const ShipmentReference = z.object({
  shipmentId: z.uuid(),
  orderId: z.uuid(),
  carrier: z.string(),
  trackingNumber: z.string(),
});

export const ShipmentDispatched = ShipmentReference.extend({
  dispatchedAt: z.iso.datetime(),
  /** When order gave leave: so that it can be told again, should its database forget. */
  authorizedAt: z.iso.datetime().optional(),
});
export const ShipmentDelivered = ShipmentReference.extend({ deliveredAt: z.iso.datetime() });
