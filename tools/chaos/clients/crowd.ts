import type { Account } from "./accounts.ts";
import type { CallLog } from "./call-log.ts";
import { type Answer, patientCall } from "./patient-call.ts";
import type { Visit } from "./visits.ts";
import type { PlaceRequest, Told, Witness } from "./witness.ts";

export type Crowd = { customers: Account[]; operator: Account; witness: Witness; log: CallLog };

export type Load = {
  crowd: Crowd;
  visits: Visit[];
  durationMs: number;
  onProgress: (done: number) => void;
  clients?: number;
  isOver?: () => boolean;
};

const maxTries = 120;

/** Makes all visits, each at its time or as soon as a client is free. */
export async function runLoad({ crowd, visits, durationMs, onProgress, clients = 48, isOver }: Load): Promise<void> {
  const startedAt = performance.now();
  let next = 0;
  async function client(): Promise<void> {
    for (let n = next++; n < visits.length && !isOver?.(); n = next++) {
      const visit = visits[n];
      await Bun.sleep(Math.max(0, startedAt + (n / visits.length) * durationMs - performance.now()));
      if (visit) await makeVisit(crowd, visit);
      onProgress(n + 1);
    }
  }
  await Promise.all(Array.from({ length: clients }, client));
}

async function makeVisit(crowd: Crowd, visit: Visit): Promise<void> {
  const account = crowd.customers[visit.customer] ?? crowd.operator;
  const { shop } = account;
  const patience = { maxTries, log: crowd.log };
  const line = visit.request.lines[0];
  if (visit.reads && line)
    await patientCall(() => shop.inventory.bySku.query({ sku: line.sku }), { ...patience, name: "read" });
  const placing = place(crowd, { account, mark: visit.mark, request: visit.request });
  if (visit.isDoubled) await place(crowd, { account, mark: visit.mark, request: visit.request });
  const orderId = orderIdOf(await placing);
  if (orderId && visit.cancel) {
    await Bun.sleep(visit.cancel.afterMs);
    await cancel(crowd, { account, key: visit.cancel.key, orderId });
  }
  if (orderId && visit.reads)
    await patientCall(() => shop.order.byId.query({ orderId }), { ...patience, name: "read" });
  if (visit.adjust) await adjust(crowd, visit.adjust);
}

type Place = { account: Account; mark: string; request: PlaceRequest; maxTries?: number };

export async function place(
  { witness, log }: Crowd,
  { account, mark, request, maxTries: tries = maxTries }: Place,
): Promise<Answer<{ id: string }>> {
  const input = request as Parameters<typeof account.shop.order.place.mutate>[0];
  const answer = await patientCall(() => account.shop.order.place.mutate(input), {
    name: "place",
    maxTries: tries,
    log,
  });
  const told: Told =
    answer.kind === "accepted"
      ? {
          outcome: "accepted",
          orderId: answer.value.id,
          status: answer.value.status,
          totalMinor: answer.value.total.amountMinor,
        }
      : otherwise(answer);
  const spent = { tries: answer.tries, elapsedMs: answer.elapsedMs };
  witness.note({ call: "place", key: request.idempotencyKey, mark, request, ...told, by: account.index, ...spent });
  return answer;
}

export function orderIdOf(answer: Answer<{ id: string }>): string | undefined {
  return answer.kind === "accepted" ? answer.value.id : undefined;
}

type Cancel = { account: Account; key: string; orderId: string };

export async function cancel({ witness, log }: Crowd, { account, key, orderId }: Cancel): Promise<void> {
  const input = { idempotencyKey: key, orderId, reason: "Chaos" };
  const answer = await patientCall(() => account.shop.order.cancel.mutate(input), { name: "cancel", maxTries, log });
  const told: Told =
    answer.kind === "accepted" ? { outcome: "accepted", status: answer.value.status } : otherwise(answer);
  const { tries, elapsedMs } = answer;
  witness.note({ call: "cancel", key, orderId, ...told, by: account.index, tries, elapsedMs });
}

type Adjust = { key: string; sku: string; delta: number };

export async function adjust({ operator, witness, log }: Crowd, { key, sku, delta }: Adjust): Promise<void> {
  const input = { idempotencyKey: key, sku, delta, reason: "Counted again" };
  const answer = await patientCall(() => operator.shop.inventory.adjust.mutate(input), {
    name: "adjust",
    maxTries,
    log,
  });
  const told: Told = answer.kind === "accepted" ? { outcome: "accepted" } : otherwise(answer);
  const { tries, elapsedMs } = answer;
  witness.note({ call: "adjust", key, sku, delta, ...told, by: operator.index, tries, elapsedMs });
}

function otherwise(answer: Exclude<Answer<unknown>, { kind: "accepted" }>): Told {
  return answer.kind === "refused"
    ? { outcome: "refused", reason: answer.reason }
    : { outcome: "unanswered", problem: answer.problem };
}
