import type { Environment } from "@orderflow/common/config/read-config";
import { rowSet } from "@orderflow/common/database/row-set";
import type { AppliedEvent } from "@orderflow/common/messaging/find-fork";
import { TRPCClientError } from "@trpc/client";
import type { SQL } from "bun";
import { hearAgain } from "./hear-again.ts";
import { createOperatorClient, type OperatorClient } from "./operator-client.ts";
import { type RememberedOrder, rememberedOrders } from "./remembered-orders.ts";
import { rerunDispatches } from "./rerun-dispatches.ts";

type Connect = (service: "order" | "inventory" | "worker" | "notify") => SQL;
type Lost = { lost: AppliedEvent[]; connect: Connect; env: Environment };

/**
 * Takes back the orders whose order.created was lost, has order hear again what stock and shipments did with them, and
 * cancels those whose order.cancelled was lost, as notify remembers them. Worker is let ask again for what order had
 * forgotten. Repeating it changes nothing more. Returns the exit code: 1 when an operator must look at something.
 */
export async function bringBackOrders({ lost, connect, env }: Lost): Promise<number> {
  const keysOf = (type: string) => lost.filter((event) => event.type === type).map(({ key }) => key);
  const [created, cancelled] = [keysOf("order.created"), keysOf("order.cancelled")];
  const known = await rememberedOrders(connect("notify"), [...created, ...cancelled]);
  const [order, client] = [connect("order"), await createOperatorClient(env)];
  const problems: string[] = [];
  const back = await takeBack(client, { created, known, problems });
  problems.push(...(await placedAgain(order, known)));

  // Before they hear of their stock: these were cancelled while pending, and worker was never told to ship them.
  const early = cancelled.filter((orderId) => known.get(orderId)?.cancelled?.previousStatus === "pending");
  const late = new Set(cancelled).difference(new Set(early));
  let again = await cancelAgain(client, { orderIds: early, known, problems });
  const producers = { inventory: connect("inventory"), worker: connect("worker") };
  const keys = [...new Set([...created, ...cancelled])];
  const open = await hearAgain({ client, order, producers, keys }, async () => {
    const orderIds = await pastPending(order, [...late]);
    for (const orderId of orderIds) late.delete(orderId);
    again += await cancelAgain(client, { orderIds, known, problems });
  });
  again += await cancelAgain(client, { orderIds: [...late], known, problems });
  problems.push(...open);
  const asked = await rerunDispatches(client);

  console.log(`${back} of ${created.length} lost orders are back, ${again} of ${cancelled.length} cancelled again.`);
  if (asked > 0) console.log(`${asked} shipments ask order again whether they may leave.`);
  for (const problem of problems) console.log(problem);
  return problems.length === 0 ? 0 : 1;
}

type Known = { known: Map<string, RememberedOrder>; problems: string[] };

async function takeBack(
  client: OperatorClient,
  { created, known, problems }: Known & { created: string[] },
): Promise<number> {
  let back = 0;
  for (const orderId of created) {
    const order = known.get(orderId)?.created;
    if (!order) problems.push(`${orderId}: notify does not remember it`);
    else if (await isDone(() => client.order.bringBack.mutate({ idempotencyKey: newKey(), created: order }), problems))
      back++;
  }
  return back;
}

const requestRows = rowSet({ id: "uuid", caller: "text", key: "uuid" });

/** Who asked again before their order was back has two now, and only a person can know which is meant. */
async function placedAgain(order: SQL, known: Map<string, RememberedOrder>): Promise<string[]> {
  const requests = [...known.values()].flatMap(({ orderId, created }) =>
    created?.request ? [{ id: orderId, caller: created.customerId, key: created.request.idempotencyKey }] : [],
  );
  const rows: { id: string; other: string }[] = await order`
    select row.id, k.order_id as other from idempotency_key k
    join ${requestRows(order, requests)} row on k.caller_id = row.caller and k.key = row.key
    where k.order_id <> row.id`;
  return rows.map(({ id, other }) => `${id}: its customer has placed ${other} meanwhile, by the same call: cancel one`);
}

async function pastPending(order: SQL, orderIds: string[]): Promise<string[]> {
  const rows: { id: string }[] = await order`
    select id from customer_order where status <> 'pending' and id = any(${order.array(orderIds, "TEXT")}::uuid[])`;
  return rows.map(({ id }) => id);
}

async function cancelAgain(
  client: OperatorClient,
  { orderIds, known, problems }: Known & { orderIds: string[] },
): Promise<number> {
  let done = 0;
  for (const orderId of orderIds) {
    const reason = known.get(orderId)?.cancelled?.reason ?? "cancelled before the restore";
    const cancel = { idempotencyKey: newKey(), orderId, reason };
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

const newKey = () => crypto.randomUUID();
