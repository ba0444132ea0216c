import type { Task } from "@orderflow/common/jobs/attempt-job";
import { awaitedStep, bookingOf, cancelShipment, recordDispatch } from "../domain/shipment.ts";
import { type JobContext, ShipmentJob } from "./job-context.ts";

/** Once order has authorized a dispatch it refuses to cancel, so a cancellation and a dispatch never both win. */
export function dispatchShipment(ctx: JobContext): Task {
  return async (payload) => {
    const shipment = await ctx.shipments.byId(ShipmentJob.parse(payload).shipmentId);
    if (awaitedStep[shipment.status] !== "dispatch") return;
    const authorizedAt = await ctx.orders.authorizeDispatch(shipment.orderId);
    if (!authorizedAt) {
      await ctx.shipments.update(shipment.id, (current) => cancelShipment(current, ctx.now()));
      ctx.logger.info(
        { shipmentId: shipment.id, orderId: shipment.orderId },
        "Order is cancelled or rejected, shipment cancelled",
      );
      return;
    }
    await ctx.carrier.dispatch(bookingOf(shipment));
    await ctx.shipments.update(shipment.id, (current) =>
      recordDispatch(current, { at: ctx.now(), delayMs: ctx.deliveryDelayMs, authorizedAt }),
    );
  };
}
