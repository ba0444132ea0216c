import { consumerInvariants } from "@orderflow/common/audit/consumer-invariants";
import type { Invariant } from "@orderflow/common/audit/invariant";
import { jobInvariants } from "@orderflow/common/audit/job-invariants";
import { keysAnsweredOnce } from "@orderflow/common/audit/keys-answered-once";
import { deliveryJobs, deliveryStates, oneDelivery } from "./audit/deliveries.ts";

/** What must be true of notify's database at any moment. */
export const notifyInvariants: Invariant[] = [
  oneDelivery,
  deliveryStates,
  deliveryJobs,
  keysAnsweredOnce("answer"),
  ...consumerInvariants,
  ...jobInvariants,
];
