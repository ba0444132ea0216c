import type { Account } from "../clients/accounts.ts";

const maxRounds = 1_000;

/** What a server refused for good is not tried again by itself; an operator has it sent. Answers how many there were. */
export async function retryRefusedMails({ shop }: Account): Promise<number> {
  let count = 0;
  for (let round = 0; round < maxRounds; round++) {
    const { items } = await shop.notify.deliveries.query({ status: "failed", limit: 100 });
    if (items.length === 0) return count;
    for (const { id } of items)
      await shop.notify.retryDelivery.mutate({ idempotencyKey: crypto.randomUUID(), deliveryId: id });
    count += items.length;
  }
  return count;
}
