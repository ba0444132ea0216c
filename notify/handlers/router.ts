import { deadLetterRouter } from "@orderflow/common/messaging/dead-letters/dead-letter-router";
import { audit } from "./audit.ts";
import { deliveries } from "./deliveries.ts";
import { retryDelivery } from "./retry-delivery.ts";
import { router } from "./trpc.ts";

/** All that can be asked, through the gateway. */
export const notifyRouter = router({ deliveries, retryDelivery, audit, deadLetters: deadLetterRouter });

/** Neighbours ask notify nothing. */
export const internalRouter = router({});

export type NotifyRouter = typeof notifyRouter;
