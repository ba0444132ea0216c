import { newId } from "@orderflow/common/ids";
import { addBundled } from "@orderflow/common/jobs/bundles/add-bundled";
import type { Apply } from "@orderflow/common/messaging/batch-commit";
import { onlyKnown } from "@orderflow/common/messaging/known-event";
import { requestShipment } from "../domain/request-shipment.ts";
import { insertShipments } from "../repositories/shipment-rows.ts";
import { jobsOf } from "../repositories/shipments.ts";
import { told } from "./told.ts";

/** Commands: one shipment for each order that has none, and the job that books it. */
export function fulfilOrders({ now }: { now: () => Date }): Apply {
  return async (tx, events) => {
    const requested = onlyKnown(events, "fulfil-order").map((command) =>
      requestShipment(newId(), told(command, now())),
    );
    const inserted = new Set(
      await insertShipments(
        tx,
        requested.map(({ shipment }) => shipment),
      ),
    );
    const news = requested.filter(({ shipment }) => inserted.has(shipment));
    await addBundled(
      tx,
      news.flatMap((decision) => jobsOf(decision, decision.shipment.trace)),
    );
    return [];
  };
}
