import { deliveries } from "./deliveries.ts";
import { retryDelivery } from "./retry-delivery.ts";
import { router } from "./trpc.ts";

/** All that can be asked, through the gateway. */
export const notifyRouter = router({ deliveries, retryDelivery });

/** Neighbours ask notify nothing. */
export const internalRouter = router({});

export type NotifyRouter = typeof notifyRouter;
