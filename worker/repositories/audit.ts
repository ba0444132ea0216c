import { consumerInvariants } from "@orderflow/common/audit/consumer-invariants";
import type { Invariant } from "@orderflow/common/audit/invariant";
import { jobInvariants } from "@orderflow/common/audit/job-invariants";
import { logInvariants } from "@orderflow/common/audit/log-invariants";
import { idempotencyKeys } from "./audit/idempotency-keys.ts";
import { oneShipment, shipmentEvents, shipmentJobs, shipmentStates } from "./audit/shipments.ts";

/** What must be true of worker's database at any moment. */
export const workerInvariants: Invariant[] = [
  oneShipment,
  shipmentStates,
  shipmentEvents,
  shipmentJobs,
  idempotencyKeys,
  ...logInvariants,
  ...consumerInvariants,
  ...jobInvariants,
];
