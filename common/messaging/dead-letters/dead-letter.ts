import { z } from "zod";
import { traceIdOf } from "../../observability/tracing.ts";

/** A dead letter in a list. Instants are ISO 8601; `position` is the event's in its stream. */
export const DeadLetterView = z.object({
  stream: z.string(),
  position: z.int(),
  key: z.string(),
  type: z.string(),
  eventId: z.string(),
  isParked: z.boolean(),
  error: z.string(),
  attempts: z.int(),
  buriedAt: z.string(),
  traceId: z.string().nullable(),
  correlationId: z.string().nullable(),
});
export type DeadLetterView = z.infer<typeof DeadLetterView>;

/** A dead letter with all that is known of it. `behind` is how many of its aggregate wait behind it. */
export const DeadLetterDetail = DeadLetterView.extend({
  stack: z.string().nullable(),
  behind: z.int(),
  event: z.record(z.string(), z.unknown()),
});
export type DeadLetterDetail = z.infer<typeof DeadLetterDetail>;

export type DeadLetterRow = {
  stream: string;
  position: string;
  key: string;
  type: string | null;
  event_id: string | null;
  is_parked: boolean;
  error: string;
  attempts: number;
  buried_at: Date;
  traceparent: string | null;
  correlation_id: string | null;
};

export function viewOf(row: DeadLetterRow): DeadLetterView {
  return {
    stream: row.stream,
    position: Number(row.position),
    key: row.key,
    type: row.type ?? "unknown",
    eventId: row.event_id ?? "",
    isParked: row.is_parked,
    error: row.error,
    attempts: row.attempts,
    buriedAt: row.buried_at.toISOString(),
    traceId: traceIdOf(row.traceparent ?? undefined) ?? null,
    correlationId: row.correlation_id,
  };
}
