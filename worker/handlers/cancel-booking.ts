import type { Task } from "@orderflow/common/jobs/attempt-job";
import { type JobContext, ShipmentJob } from "./job-context.ts";

/** By key, not by tracking number: a booking may exist at the carrier that was never recorded here. */
export function cancelBooking(ctx: JobContext): Task {
  return async (payload) => {
    const shipment = await ctx.shipments.byId(ShipmentJob.parse(payload).shipmentId);
    await ctx.carrier.cancel(shipment.trace.causationId);
  };
}
