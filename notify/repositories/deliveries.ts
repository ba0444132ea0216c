import { transact } from "@orderflow/common/database/connect-database";
import { Refusal } from "@orderflow/common/errors";
import { addJobs } from "@orderflow/common/jobs/add-jobs";
import type { SQL, TransactionSQL } from "bun";
import type { NewDelivery } from "../domain/announce.ts";
import { type Delivery, retryDelivery } from "../domain/delivery.ts";
import { deliveryById, insertDeliveries, lockDelivery, saveDelivery } from "./delivery-rows.ts";

export type Deliveries = {
  /** @throws Refusal delivery_not_found */
  byId(id: string): Promise<Delivery>;
  /** @throws Refusal delivery_not_found */
  update(id: string, decide: (delivery: Delivery) => Delivery): Promise<Delivery>;
};

export function createDeliveries(sql: SQL): Deliveries {
  return {
    async byId(id) {
      return (await deliveryById(sql, id)) ?? notFound();
    },
    update(id, decide) {
      return transact(sql, async (tx) => {
        const delivery = (await lockDelivery(tx, id)) ?? notFound();
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
