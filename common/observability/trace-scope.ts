import {
  type Context,
  context,
  createContextKey,
  INVALID_TRACEID,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { parseTraceParent } from "@opentelemetry/core";
import type { Trace } from "../messaging/event.ts";

const correlationKey = createContextKey("orderflow correlation id");
let hasContextManager = false;

export type CurrentTrace = {
  /** W3C Trace Context header of the current span, undefined outside every span. */
  traceparent: string | undefined;
  correlationId: string | undefined;
  traceId: string | undefined;
  spanId: string | undefined;
};

/** Scopes must nest also in a process that never started tracing, such as a test. */
export function ensureContextManager(): void {
  if (hasContextManager) return;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  hasContextManager = true;
}

/** The ids of the scope this is called in. */
export function currentTrace(): CurrentTrace {
  const active = context.active();
  const correlationId = active.getValue(correlationKey) as string | undefined;
  const span = trace.getSpanContext(active);
  if (!span || span.traceId === INVALID_TRACEID)
    return { traceparent: undefined, correlationId, traceId: undefined, spanId: undefined };
  return { traceparent: formatTraceparent(span), correlationId, traceId: span.traceId, spanId: span.spanId };
}

/** The id of the trace this is called in, when it is recorded. */
export function recordedTraceId(): string | undefined {
  const span = trace.getSpanContext(context.active());
  return span && isSampled(span) ? span.traceId : undefined;
}

/** Everything that `work` starts carries this correlation id. */
export function withCorrelation<T>(correlationId: string, work: () => T): T {
  ensureContextManager();
  return context.with(context.active().setValue(correlationKey, correlationId), work);
}

/** What `work` starts belongs to no request, though it begins in the middle of one. */
export function outsideEveryScope<T>(work: () => T): T {
  return context.with(ROOT_CONTEXT, work);
}

/** The trace id (32 hex digits) of a W3C traceparent header; undefined when there is none or it is malformed. */
export function traceIdOf(traceparent?: string): string | undefined {
  return remoteSpan(traceparent)?.traceId;
}

/** The context that continues a trace that came from elsewhere. */
export function continueTrace(parent: Context, remote: Trace): Context {
  const span = remoteSpan(remote.traceparent);
  const withParent = span ? trace.setSpanContext(parent, span) : parent;
  return remote.correlationId ? withParent.setValue(correlationKey, remote.correlationId) : withParent;
}

/** Whether a traceparent header belongs to a trace that is recorded. */
export function isRecorded(traceparent: string | undefined): boolean {
  return traceparent?.endsWith("-01") === true;
}

const plainTraceparent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$/;

export function remoteSpan(traceparent: string | undefined): SpanContext | undefined {
  // As all of ours are. The library's own reading is for any version that may come.
  if (traceparent?.length === 55 && plainTraceparent.test(traceparent)) {
    const traceFlags = isRecorded(traceparent) ? TraceFlags.SAMPLED : TraceFlags.NONE;
    return { traceId: traceparent.slice(3, 35), spanId: traceparent.slice(36, 52), traceFlags, isRemote: true };
  }
  const span = traceparent ? parseTraceParent(traceparent) : null;
  return span ? { ...span, isRemote: true } : undefined;
}

function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${isSampled({ traceFlags }) ? "01" : "00"}`;
}

export function isSampled({ traceFlags }: Pick<SpanContext, "traceFlags">): boolean {
  return (traceFlags & TraceFlags.SAMPLED) === TraceFlags.SAMPLED;
}
