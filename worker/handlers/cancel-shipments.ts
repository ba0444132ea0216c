import { newId } from "@orderflow/common/ids";
import { addBundled } from "@orderflow/common/jobs/bundles/add-bundled";
import type { Apply } from "@orderflow/common/messaging/batch-commit";
import { onlyKnown } from "@orderflow/common/messaging/known-event";
import { forestallShipment } from "../domain/request-shipment.ts";
import { cancelShipment } from "../domain/shipment.ts";
import { insertShipments, lockShipments, saveShipments } from "../repositories/shipment-rows.ts";
import { jobsOf } from "../repositories/shipments.ts";
import { told } from "./told.ts";

/** Cancelled orders: what is not on its way yet is cancelled with them. */
export function cancelShipments({ now }: { now: () => Date }): Apply {
  return async (tx, events) => {
    const cancelled = onlyKnown(events, "order.cancelled");
    if (cancelled.length === 0) return [];
    const at = now();
    // First, so that a command that commits meanwhile either finds this row or is found below.
    await insertShipments(
      tx,
      cancelled.flatMap((event) => forestallShipment(newId(), told(event, at)) ?? []),
    );
    const shipments = await lockShipments(tx, { by: "order", ids: cancelled.map(({ data }) => data.orderId) });
    const decisions = shipments.map((shipment) => cancelShipment(shipment, at));
    await saveShipments(
      tx,
      decisions.map(({ shipment }) => shipment),
    );
    await addBundled(
      tx,
      decisions.flatMap((decision) => jobsOf(decision, decision.shipment.trace)),
    );
    return [];
  };
}
