import type { Apply } from "@orderflow/common/messaging/batch-commit";
import { onlyKnown } from "@orderflow/common/messaging/known-event";
import { announceOrder } from "../domain/announce.ts";
import { orderMailKinds } from "../domain/mail-kinds.ts";
import { announce } from "../repositories/deliveries.ts";

/** One mail for each state that an order reaches. */
export function announceOrders({ now }: { now: () => Date }): Apply {
  return async (tx, events) => {
    await announce(
      tx,
      onlyKnown(events, ...orderMailKinds).map((event) => announceOrder(event, now())),
    );
    return [];
  };
}
