import { transact } from "@orderflow/common/database/connect-database";
import { Refusal } from "@orderflow/common/errors";
import { addJobs } from "@orderflow/common/jobs/add-jobs";
import type { SQL, TransactionSQL } from "bun";
import type { NewDelivery } from "../domain/announce.ts";
import { type Delivery, retryDelivery } from "../domain/delivery.ts";
import { deliveryById, insertDeliveries, lockDelivery, replaceDelivery, saveDelivery } from "./delivery-rows.ts";

export type Deliveries = {
  /** @throws Refusal delivery_not_found */
  byId(id: string): Promise<Delivery>;
  /** Decides on what was loaded, or on what it has become meanwhile. @throws Refusal delivery_not_found */
  update(loaded: Delivery, decide: (delivery: Delivery) => Delivery): Promise<Delivery>;
};

export function createDeliveries(sql: SQL): Deliveries {
  return {
    async byId(id) {
      return (await deliveryById(sql, id)) ?? notFound();
    },
    async update(loaded, decide) {
      // One round trip where a locked read takes four: until this commits, a process that dies doubles the mail.
      const expected = decide(loaded);
      if (await replaceDelivery(sql, loaded, expected)) return expected;
      return transact(sql, async (tx) => {
        const delivery = (await lockDelivery(tx, loaded.id)) ?? notFound();
        const decided = decide(delivery);
        if (decided !== delivery) await saveDelivery(tx, decided);
        return decided;
      });
    },
  };
}

/** Stores what nobody was told yet, and the job that tells it. */
export async function announce(tx: TransactionSQL, announced: NewDelivery[]): Promise<void> {
  await addSendingJobs(tx, await insertDeliveries(tx, announced));
}

/** Gives a failed delivery another round of attempts; any other is left as it is. @throws Refusal delivery_not_found */
export async function retry(tx: TransactionSQL, { id, at }: { id: string; at: Date }): Promise<Delivery> {
  const { delivery, isRetried } = retryDelivery((await lockDelivery(tx, id)) ?? notFound(), at);
  if (!isRetried) return delivery;
  await saveDelivery(tx, delivery);
  await addSendingJobs(tx, [delivery]);
  return delivery;
}

/** The key makes a job that still waits the only one of its delivery. */
function addSendingJobs(tx: TransactionSQL, deliveries: Delivery[]): Promise<void> {
  return addJobs(
    tx,
    deliveries.map(({ id, trace }) => ({
      task: "send-mail",
      payload: { deliveryId: id },
      key: `send-mail:${id}`,
      trace,
    })),
  );
}

function notFound(): never {
  throw new Refusal("delivery_not_found", "There is no such delivery");
}
