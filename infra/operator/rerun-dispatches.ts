import type { OperatorClient } from "./operator-client.ts";

const pageItems = 100;
const maxJobs = 10_000;

/**
 * Lets shipments that order could not give leave to ask again at once; their next try may be days away. Harmless for any
 * other: a job asks first whether its step is still awaited. Answers how many.
 */
export async function rerunDispatches({ worker }: Pick<OperatorClient, "worker">): Promise<number> {
  let rerun = 0;
  let cursor: string | undefined;
  for (let looked = 0; looked < maxJobs; looked += pageItems) {
    const page = await worker.jobs.query({ limit: pageItems, ...(cursor && { cursor }) });
    for (const { id, task, state, attempts } of page.items) {
      if (task !== "dispatch-shipment" || state === "running" || attempts === 0) continue;
      // It may have started meanwhile, which is as good.
      const isDone = await worker.rerunJob.mutate({ idempotencyKey: crypto.randomUUID(), jobId: id }).then(
        () => true,
        () => false,
      );
      if (isDone) rerun++;
    }
    cursor = page.nextCursor ?? undefined;
    if (cursor === undefined) break;
  }
  return rerun;
}
