import type { Task } from "@orderflow/common/jobs/attempt-job";
import { recordDelivery } from "../domain/shipment.ts";
import { type JobContext, ShipmentJob } from "./job-context.ts";

export function deliverShipment(ctx: JobContext): Task {
  return async (payload) => {
    const { shipmentId } = ShipmentJob.parse(payload);
    await ctx.shipments.update(shipmentId, (current) => recordDelivery(current, ctx.now()));
  };
}
