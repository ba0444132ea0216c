import { z } from "zod";

/** A job as it lies in a bundle: what would be its payload, and the key it gets once it waits alone. */
export const BundledJob = z.object({ key: z.string().nullable(), payload: z.unknown() });
export type BundledJob = z.infer<typeof BundledJob>;

/** The payload of a bundle. */
export const Bundle = z.object({ bundle: z.array(BundledJob) });

/** Jobs in one bundle. */
export const maxBundledJobs = 50;

/** Under which name bundles of a task are added: one that releases without bundles leave alone. */
export function bundleTask(task: string): string {
  return `${task}:bundle`;
}
