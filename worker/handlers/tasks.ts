import type { Task } from "@orderflow/common/jobs/attempt-job";
import { bookShipment } from "./book-shipment.ts";
import { cancelBooking } from "./cancel-booking.ts";
import { deliverShipment } from "./deliver-shipment.ts";
import { dispatchShipment } from "./dispatch-shipment.ts";
import type { JobContext } from "./job-context.ts";

/** All that runs as a job, by the name it is added under. */
export function tasks(ctx: JobContext): Record<string, Task> {
  return {
    "book-shipment": bookShipment(ctx),
    "dispatch-shipment": dispatchShipment(ctx),
    "deliver-shipment": deliverShipment(ctx),
    "cancel-booking": cancelBooking(ctx),
  };
}
