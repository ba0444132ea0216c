import type { Event } from "@orderflow/common/messaging/event";
import type { Told } from "../domain/request-shipment.ts";

/** An event as the domain hears it. */
export function told<T>(event: Event & { data: T }, at: Date): Told<T> {
  return {
    id: event.id,
    data: event.data,
    trace: { traceparent: event.traceparent, correlationId: event.correlationId },
    at,
  };
}
