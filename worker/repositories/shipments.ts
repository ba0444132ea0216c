import { transact } from "@orderflow/common/database/connect-database";
import { Refusal } from "@orderflow/common/errors";
import type { Job } from "@orderflow/common/jobs/add-jobs";
import { addBundled } from "@orderflow/common/jobs/bundles/add-bundled";
import { appendEvents } from "@orderflow/common/messaging/append";
import type { Event, Fact, Trace } from "@orderflow/common/messaging/event";
import { createGroupCommit } from "@orderflow/common/messaging/group-commit";
import type { Publisher } from "@orderflow/common/messaging/publisher";
import type { Metrics } from "@orderflow/common/observability/metrics";
import { currentTrace } from "@orderflow/common/observability/tracing";
import type { SQL, TransactionSQL } from "bun";
import type { Decision, Shipment } from "../domain/shipment.ts";
import { lockShipments, saveShipments, shipmentsById } from "./shipment-rows.ts";

export type Decide = (shipment: Shipment) => Decision;

export type Shipments = {
  /** Throws a Refusal when there is none. Those asked for at the same time are read together. */
  byId(id: string): Promise<Shipment>;
  /** Loads, decides, saves and announces as one transaction, shared with whoever else is waiting. */
  update(id: string, decide: Decide): Promise<Shipment>;
};

type Change = { id: string; decide: Decide; traceparent: string | undefined };

type Options = { sql: SQL; publisher: Publisher; metrics: Metrics };

export function createShipments({ sql, publisher, metrics }: Options): Shipments {
  const commit = createGroupCommit<Change, Shipment>({
    name: "shipments",
    metrics,
    async run(changes) {
      const { answers, appended } = await transact(sql, (tx) => applyChanges(tx, changes));
      publisher.publish(appended);
      return answers;
    },
  });
  const byId = createGroupCommit<string, Shipment>({
    name: "shipment reads",
    metrics,
    async run(ids) {
      const found = new Map((await shipmentsById(sql, ids)).map((shipment) => [shipment.id, shipment]));
      return ids.map((id) => found.get(id) ?? notFound());
    },
  });
  return {
    byId,
    update: (id, decide) => commit({ id, decide, traceparent: currentTrace().traceparent }),
  };
}

async function applyChanges(
  tx: TransactionSQL,
  changes: Change[],
): Promise<{ answers: (Shipment | Error)[]; appended: Event[] }> {
  const loaded = await lockShipments(tx, { by: "id", ids: changes.map(({ id }) => id) });
  const current = new Map(loaded.map((shipment) => [shipment.id, shipment]));
  const changed = new Set<string>();
  const facts: Fact[] = [];
  const jobs: Job[] = [];
  const answers = changes.map(({ id, decide, traceparent }) => {
    const shipment = current.get(id);
    if (!shipment) return notFound();
    const decision = decided(() => decide(shipment));
    if (decision instanceof Error) return decision;
    if (decision.shipment !== shipment) changed.add(id);
    current.set(id, decision.shipment);
    const trace = { ...shipment.trace, traceparent: traceparent ?? shipment.trace.traceparent };
    facts.push(...decision.facts.map((fact) => ({ ...fact, ...trace })));
    jobs.push(...jobsOf(decision, trace));
    return decision.shipment;
  });
  await saveShipments(
    tx,
    [...current.values()].filter(({ id }) => changed.has(id)),
  );
  await addBundled(tx, jobs);
  return { answers, appended: await appendEvents(tx, facts) };
}

/**
 * The key makes a task that is still waiting the only one of its shipment. A booking may have to be given back again
 * while that is under way; under one key the first would be left behind as a job without attempts.
 */
export function jobsOf({ shipment, tasks }: Pick<Decision, "shipment" | "tasks">, trace: Trace): Job[] {
  return tasks.map(({ task, runAt }) => ({
    task,
    payload: { shipmentId: shipment.id },
    ...(task !== "cancel-booking" && { key: `${task}:${shipment.id}` }),
    ...(runAt && { runAt }),
    trace,
  }));
}

/** One change that cannot be decided fails alone, not its neighbours. */
function decided(decide: () => Decision): Decision | Error {
  try {
    return decide();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function notFound(): Refusal {
  return new Refusal("shipment_not_found", "There is no such shipment");
}
