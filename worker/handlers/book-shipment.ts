import type { Task } from "@orderflow/common/jobs/attempt-job";
import { awaitedStep, bookingRequest, recordBooking } from "../domain/shipment.ts";
import { type JobContext, ShipmentJob } from "./job-context.ts";

/** A crash after the carrier has answered repeats the call under the same key, which is the same booking. */
export function bookShipment(ctx: JobContext): Task {
  return async (payload) => {
    const shipment = await ctx.shipments.byId(ShipmentJob.parse(payload).shipmentId);
    if (shipment.status === "cancelled") {
      // An attempt before this one may have been taken down after its booking was given back.
      await ctx.carrier.cancel(shipment.trace.causationId);
      return;
    }
    if (awaitedStep[shipment.status] !== "booking") return;
    const booking = await ctx.carrier.book(bookingRequest(shipment));
    await ctx.shipments.update(shipment.id, (current) =>
      recordBooking(current, booking, { at: ctx.now(), delayMs: ctx.dispatchDelayMs }),
    );
  };
}
