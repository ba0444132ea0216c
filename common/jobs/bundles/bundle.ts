import { z } from "zod";

/** A job as it lies in a bundle: what would be its payload, and the key it gets once it waits alone. */
export const BundledJob = z.object({ key: z.string().nullable(), payload: z.unknown() });
export type BundledJob = z.infer<typeof BundledJob>;

export const Bundle = z.object({ bundle: z.array(BundledJob) });

/** The payload of a bundle. Their number comes first, so that it can be read without the rest, which is stored apart. */
export function bundlePayload(bundle: BundledJob[]): object {
  return { jobs: bundle.length, bundle };
}

/** Finds the number of jobs at the beginning of a bundle's payload. */
export const jobsInPayload = '^{"jobs":([0-9]{1,4}),';
/** SQL: how many jobs a row of _private_jobs is. */
export const jobsOfRow = `coalesce(substring(left(payload::text, 20) from '${jobsInPayload}')::int, 1)`;

/** Jobs in one bundle. */
export const maxBundledJobs = 50;

/** Under which name bundles of a task are added: one that releases without bundles leave alone. */
export function bundleTask(task: string): string {
  return `${task}:bundle`;
}
