import type { EventData } from "@orderflow/common/events/catalog";
import { OrderCreated } from "@orderflow/common/events/order-events";
import type { AppliedEvent } from "@orderflow/common/messaging/find-fork";
import { TRPCClientError } from "@trpc/client";
import type { SQL } from "bun";
import { createOperatorClient, type OperatorClient } from "./operator-client.ts";

type Lost = { lost: AppliedEvent[]; notify: SQL; env: Record<string, string | undefined> };

/**
 * Takes back the orders whose order.created was lost, as notify's deliveries remember them, and cancels again those
 * whose order.cancelled was. Repeating it changes nothing more. Returns the exit code: 1 when one could not be.
 */
export async function bringBackOrders({ lost, notify, env }: Lost): Promise<number> {
  const keysOf = (type: string) => lost.filter((event) => event.type === type).map(({ key }) => key);
  const [created, cancelled] = [keysOf("order.created"), keysOf("order.cancelled")];
  const client = await createOperatorClient(env);
  const known = await remembered(notify, created);
  const problems: string[] = [];
  let back = 0;
  for (const orderId of created) {
    const order = known.get(orderId);
    if (!order) problems.push(`${orderId}: notify does not remember it`);
    else if (await isDone(() => client.order.bringBack.mutate({ idempotencyKey: newKey(), created: order }), problems))
      back++;
  }
  const again = await cancelAgain(client, cancelled, problems);
  console.log(`${back} of ${created.length} lost orders are back, ${again} of ${cancelled.length} cancelled again.`);
  for (const problem of problems) console.log(problem);
  return problems.length === 0 ? 0 : 1;
}

async function cancelAgain(client: OperatorClient, orderIds: string[], problems: string[]): Promise<number> {
  let done = 0;
  for (const orderId of orderIds) {
    const cancel = { idempotencyKey: newKey(), orderId, reason: "cancelled before the restore" };
    if (await isDone(() => client.order.cancel.mutate(cancel), problems)) done++;
  }
  return done;
}

async function isDone(call: () => Promise<unknown>, problems: string[]): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error;
    problems.push(error.message);
    return false;
  }
}

async function remembered(notify: SQL, orderIds: string[]): Promise<Map<string, EventData<"order.created">>> {
  const rows: { data: unknown }[] = await notify`
    select data from delivery where kind = 'order.created' and order_id = any(${notify.array(orderIds, "TEXT")}::uuid[])`;
  const orders = rows.flatMap(({ data }) => OrderCreated.safeParse(data).data ?? []);
  return new Map(orders.map((order) => [order.orderId, order]));
}

const newKey = () => crypto.randomUUID();
