import type { Apply } from "@orderflow/common/messaging/batch-commit";
import { onlyKnown } from "@orderflow/common/messaging/known-event";
import { announceLowStock } from "../domain/announce.ts";
import { announce } from "../repositories/deliveries.ts";

/** Without an address nobody is told, and later events are the first to be. */
export function announceLowStocks(options: { operationsEmail: string | undefined; now: () => Date }): Apply {
  const { operationsEmail, now } = options;
  return async (tx, events) => {
    if (operationsEmail === undefined) return [];
    await announce(
      tx,
      onlyKnown(events, "stock.low").map((event) => announceLowStock(event, operationsEmail, now())),
    );
    return [];
  };
}
