import { transact } from "@orderflow/common/database/connect-database";
import { Refusal } from "@orderflow/common/errors";
import { addJobs, type Job } from "@orderflow/common/jobs/add-jobs";
import { addBundled } from "@orderflow/common/jobs/bundles/add-bundled";
import { removeJob } from "@orderflow/common/jobs/remove-job";
import { rerunExhausted } from "@orderflow/common/jobs/rerun-job";
import { createGroupCommit } from "@orderflow/common/messaging/group-commit";
import type { Metrics } from "@orderflow/common/observability/metrics";
import type { SQL, TransactionSQL } from "bun";
import type { NewDelivery } from "../domain/announce.ts";
import { type Delivery, isDue, retryDelivery } from "../domain/delivery.ts";
import {
  deliveriesById,
  insertDeliveries,
  lockDelivery,
  type Replacement,
  replaceDeliveries,
  saveDelivery,
} from "./delivery-rows.ts";

export type Deliveries = {
  /** @throws Refusal delivery_not_found */
  byId(id: string): Promise<Delivery>;
  /** Decides on what was loaded, or on what it has become meanwhile. @throws Refusal delivery_not_found */
  update(loaded: Delivery, decide: (delivery: Delivery) => Delivery): Promise<Delivery>;
};

/** What is asked for at the same time shares its statements. */
export function createDeliveries({ sql, metrics }: { sql: SQL; metrics?: Metrics }): Deliveries {
  const byId = createGroupCommit<string, Delivery>({
    name: "delivery reads",
    ...(metrics && { metrics }),
    async run(ids) {
      const found = new Map((await deliveriesById(sql, ids)).map((delivery) => [delivery.id, delivery]));
      return ids.map((id) => found.get(id) ?? notFound());
    },
  });
  const replace = createGroupCommit<Replacement, boolean>({
    name: "deliveries",
    // One, since mails that end while others are written down are best written down together.
    lanes: 1,
    ...(metrics && { metrics }),
    run: (replacements) => replaceDeliveries(sql, replacements),
  });
  return {
    byId,
    async update(loaded, decide) {
      // One round trip where a locked read takes four: until this commits, a process that dies doubles the mail.
      const next = decide(loaded);
      if (await replace({ loaded, next })) return next;
      return transact(sql, async (tx) => {
        const delivery = await lockDelivery(tx, loaded.id);
        if (!delivery) throw notFound();
        const decided = decide(delivery);
        if (decided !== delivery) await saveDelivery(tx, decided);
        return decided;
      });
    },
  };
}

/** Stores what nobody was told yet, and the job that tells it. */
export async function announce(tx: TransactionSQL, announced: NewDelivery[]): Promise<void> {
  await addBundled(tx, (await insertDeliveries(tx, announced)).map(sendingJob));
}

/**
 * Gives a failed delivery another round of attempts, and one whose last attempt ended before it could say so. Any other is
 * left as it is. @throws Refusal delivery_not_found
 */
export async function retry(tx: TransactionSQL, { id, at }: { id: string; at: Date }): Promise<Delivery> {
  const stored = await lockDelivery(tx, id);
  if (!stored) throw notFound();
  const { delivery, isRetried } = retryDelivery(stored, at);
  const job = sendingJob(delivery);
  if (isDue(stored)) await rerunExhausted(tx, job.key);
  if (!isRetried) return delivery;
  await saveDelivery(tx, delivery);
  // The exhausted job would lose its key to the new one, and stay.
  await removeJob(tx, job.key);
  await addJobs(tx, [job]);
  return delivery;
}

/** The key makes a job that waits alone the only one of its delivery. */
function sendingJob({ id, trace }: Delivery): Job & { key: string } {
  return { task: "send-mail", payload: { deliveryId: id }, key: `send-mail:${id}`, trace };
}

function notFound(): Refusal {
  return new Refusal("delivery_not_found", "There is no such delivery");
}
