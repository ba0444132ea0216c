import type { Pruning } from "@orderflow/common/retention/prune-rows";
import { eventPrunings, keyPruning } from "@orderflow/common/retention/prunings";
import { timelinePrunings } from "./prune-timelines.ts";

type Options = {
  streams: readonly string[];
  config: {
    eventRetentionHours: number;
    idempotencyKeyRetentionDays: number;
    timelineRetentionDays?: number | undefined;
  };
  now: () => Date;
};

/** All that order does not keep for ever. */
export function orderPrunings(options: Options): Pruning[] {
  return [...eventPrunings(options), keyPruning(options), ...timelinePrunings(options)];
}
