import { Refusal } from "@orderflow/common/errors";
import type { Event } from "@orderflow/common/messaging/event";
import type { Metrics } from "@orderflow/common/observability/metrics";

export type OrderCounters = {
  /** Of committed events. What a process that dies between commit and announcement did is not counted. */
  told(events: Event[]): void;
  /** Counts the answers of a batch that are refusals, and hands them on. */
  answered<Answer>(answers: Answer[]): Answer[];
};

/** The shop in numbers: for a dashboard, not for the books, which are the tables. */
export function createOrderCounters(metrics: Metrics): OrderCounters {
  const entered = metrics.counter("orders_entered_state_total", "Orders by the state they have entered", ["state"]);
  const refused = metrics.counter(
    "orders_refused_total",
    "Orders that could not be: refused when placed, or rejected when their stock was to be reserved",
    ["reason", "at"],
  );
  return {
    told(events) {
      for (const { type, data } of events) {
        const [subject, state = ""] = type.split(".");
        if (subject !== "order") continue;
        entered.inc({ state: state === "created" ? "pending" : state });
        if (type === "order.rejected") refused.inc({ reason: (data as { reason: string }).reason, at: "reserving" });
      }
    },
    answered(answers) {
      for (const answer of answers)
        if (answer instanceof Refusal) refused.inc({ reason: answer.reason, at: "placing" });
      return answers;
    },
  };
}
