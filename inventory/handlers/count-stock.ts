import type { EventData } from "@orderflow/common/events/catalog";
import type { Event } from "@orderflow/common/messaging/event";
import type { Publisher } from "@orderflow/common/messaging/publisher";
import type { Metrics } from "@orderflow/common/observability/metrics";

/** Counts units as their events are published, which is after their commit: for a dashboard, the ledger has the truth. */
export function countingStock(publisher: Publisher, metrics: Metrics): Publisher {
  const units = metrics.counter("stock_units_total", "Units of stock by what happened to them", ["movement"]);
  const rejected = metrics.counter("stock_rejections_total", "Orders whose stock could not be reserved", ["reason"]);
  const count = ({ type, data }: Event): void => {
    switch (type) {
      case "stock.reserved":
      case "stock.released":
      case "stock.sold": {
        const { lines } = data as EventData<typeof type>;
        units.inc(
          { movement: type.slice("stock.".length) },
          lines.reduce((sum, { quantity }) => sum + quantity, 0),
        );
        break;
      }
      case "stock.rejected":
        rejected.inc({ reason: (data as EventData<"stock.rejected">).reason });
        break;
    }
  };
  return {
    publish(events) {
      events.forEach(count);
      publisher.publish(events);
    },
  };
}
