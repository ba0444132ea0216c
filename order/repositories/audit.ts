import { consumerInvariants } from "@orderflow/common/audit/consumer-invariants";
import type { Invariant } from "@orderflow/common/audit/invariant";
import { logInvariants } from "@orderflow/common/audit/log-invariants";
import { dispatchAuthorized } from "./audit/dispatch-authorized.ts";
import { fulfilCommands, fulfilLines } from "./audit/fulfil-commands.ts";
import { idempotencyKeys } from "./audit/idempotency-keys.ts";
import { orderEvents, orderEventsOnce } from "./audit/order-events.ts";
import { orderLines } from "./audit/order-lines.ts";
import { orderNumbers } from "./audit/order-numbers.ts";
import { orderStatus } from "./audit/order-status.ts";
import { orderTransitions } from "./audit/order-transitions.ts";

/** What must be true of order's database at any moment. */
export const orderInvariants: Invariant[] = [
  orderStatus,
  orderTransitions,
  dispatchAuthorized,
  orderEvents,
  orderEventsOnce,
  fulfilCommands,
  fulfilLines,
  orderLines,
  orderNumbers,
  idempotencyKeys,
  ...logInvariants,
  ...consumerInvariants,
];
