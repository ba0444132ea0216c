import { rowSet } from "@orderflow/common/database/row-set";
import type { Event, Fact, Trace } from "@orderflow/common/messaging/event";
import { traceIdOf } from "@orderflow/common/observability/tracing";
import type { SQL, TransactionSQL } from "bun";
import type { Order, OrderStatus } from "../domain/order.ts";

/** A fact whose id is fixed before it is appended, because the timeline names it and the append comes last. */
export type NamedFact = Fact & { id: string };

/** One step of an order's life. `version` is the order's after the step. */
export type Step = {
  orderId: string;
  at: Date;
  event: string;
  eventId: string;
  traceId: string | null;
  status: OrderStatus;
  version: number;
};

/** What led to this state, when it was an event, and then what follows from it. */
export function stepsTo(state: Order, { facts, cause }: { facts: NamedFact[]; cause?: Event | undefined }): Step[] {
  const step = (told: Trace & { type: string; id: string }, at: Date): Step => ({
    orderId: state.id,
    at,
    event: told.type,
    eventId: told.id,
    traceId: traceIdOf(told.traceparent) ?? null,
    status: state.status,
    version: state.version,
  });
  const following = facts.map((fact) => step(fact, state.updatedAt));
  return cause ? [step(cause, new Date(cause.time)), ...following] : following;
}

const stepRows = rowSet({
  n: "int",
  order_id: "uuid",
  at: "timestamptz",
  event: "text",
  event_id: "uuid",
  trace_id: "text",
  status: "text",
  version: "int",
});

export async function insertSteps(tx: TransactionSQL, steps: Step[]): Promise<void> {
  if (steps.length === 0) return;
  const rows = steps.map((step, n) => ({
    n,
    order_id: step.orderId,
    at: step.at,
    event: step.event,
    event_id: step.eventId,
    trace_id: step.traceId,
    status: step.status,
    version: step.version,
  }));
  await tx`
    insert into timeline_entry (order_id, at, event, event_id, trace_id, status, version)
    select order_id, at, event, event_id, trace_id, status, version
    from ${stepRows(tx, rows)} row
    order by n`;
}

/** Far above the steps an order can have: it has six states, and each is reached once. */
const maxSteps = 200;

/** Oldest first. `afterVersion` leaves out what a reader has seen already. */
export async function readSteps(sql: SQL, orderId: string, afterVersion = 0): Promise<Step[]> {
  return await sql`
    select order_id as "orderId", at, event, event_id as "eventId", trace_id as "traceId", status, version
    from timeline_entry where order_id = ${orderId} and version > ${afterVersion}
    order by sequence limit ${maxSteps}`;
}
