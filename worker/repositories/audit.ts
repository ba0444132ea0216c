import { consumerInvariants } from "@orderflow/common/audit/consumer-invariants";
import type { Invariant } from "@orderflow/common/audit/invariant";
import { jobInvariants } from "@orderflow/common/audit/job-invariants";
import { keysAnsweredOnce } from "@orderflow/common/audit/keys-answered-once";
import { logInvariants } from "@orderflow/common/audit/log-invariants";
import { oneShipment, shipmentEvents, shipmentJobs, shipmentStates } from "./audit/shipments.ts";

/** What must be true of worker's database at any moment. */
export const workerInvariants: Invariant[] = [
  oneShipment,
  shipmentStates,
  shipmentEvents,
  shipmentJobs,
  keysAnsweredOnce("answer"),
  ...logInvariants,
  ...consumerInvariants,
  ...jobInvariants,
];
