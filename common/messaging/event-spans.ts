import { context, ROOT_CONTEXT, type Span, SpanKind, trace } from "@opentelemetry/api";
import { continueTrace, isRecorded } from "../observability/trace-scope.ts";
import { currentTracer, failSpan, linksTo } from "../observability/tracing.ts";
import type { Event } from "./event.ts";
import { topicOf } from "./topics.ts";

/**
 * Runs `work` for a batch in a span of the first sampled trace, linked to the others it joins. Each sampled event also gets a span of its own, in
 * its own trace, and is handed on with that span as its parent: so one trace leads from the first call to the last mail.
 */
export async function inBatchSpan<T>(
  stream: string,
  events: Event[],
  work: (events: Event[]) => Promise<T>,
): Promise<T> {
  const sampled = events.filter(isSampled);
  const [first, ...others] = sampled;
  if (!first) return await work(events);

  const batchSpan = currentTracer().startSpan(
    `process ${stream}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: messageAttributes("process", topicOf(stream), events),
      links: linksTo(others),
    },
    continueTrace(ROOT_CONTEXT, first),
  );
  const spans: Span[] = [batchSpan];
  const traced = events.map((event) => {
    if (!isSampled(event)) return event;
    const span = startEventSpan(event, batchSpan);
    spans.push(span);
    return { ...event, traceparent: traceparentOf(span) };
  });
  try {
    return await context.with(trace.setSpan(ROOT_CONTEXT, batchSpan), () => work(traced));
  } catch (error) {
    for (const span of spans) {
      span.recordException(error instanceof Error ? error : String(error));
      failSpan(span, error instanceof Error ? error.message : String(error), "batch_failed");
    }
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

/** A span for one message on its way out, in the trace of its first sampled event. Ended by the caller. */
export function startSendSpan(topic: string, events: Event[]): Span | undefined {
  const [first, ...rest] = events.filter(isSampled);
  if (!first) return undefined;
  return currentTracer().startSpan(
    `send ${first.stream}`,
    { kind: SpanKind.PRODUCER, attributes: messageAttributes("send", topic, events), links: linksTo(rest) },
    continueTrace(ROOT_CONTEXT, first),
  );
}

function startEventSpan(event: Event, batchSpan: Span): Span {
  const attributes = {
    "messaging.system": "mqtt",
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": topicOf(event.stream),
    "messaging.message.conversation_id": event.correlationId,
    "messaging.message.id": event.id,
    "cloudevents.event_type": event.type,
    "orderflow.stream": event.stream,
    "orderflow.position": event.position,
    "orderflow.key": event.key,
  };
  const links = [{ context: batchSpan.spanContext() }];
  const options = { kind: SpanKind.CONSUMER, attributes, links };
  return currentTracer().startSpan(`process ${event.type}`, options, continueTrace(ROOT_CONTEXT, event));
}

function isSampled({ traceparent }: Event): boolean {
  return isRecorded(traceparent);
}

function messageAttributes(operation: "send" | "process", destination: string, events: Event[]) {
  return {
    "messaging.system": "mqtt",
    "messaging.operation.name": operation,
    "messaging.operation.type": operation,
    "messaging.destination.name": destination,
    "messaging.batch.message_count": events.length,
  };
}

function traceparentOf(span: Span): string {
  const { traceId, spanId } = span.spanContext();
  return `00-${traceId}-${spanId}-01`;
}
