import {
  type Attributes,
  type Context,
  context,
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { Refusal } from "../errors.ts";
import type { Trace } from "../messaging/event.ts";
import type { FailureKeeper } from "./kept-failures.ts";
import { continueTrace, ensureContextManager, isRecorded, isSampled, remoteSpan } from "./trace-scope.ts";
import { unrecordedSpan } from "./unrecorded-span.ts";

export { currentTrace, traceIdOf, withCorrelation } from "./trace-scope.ts";

export type SpanOptions = {
  kind?: "internal" | "server" | "client" | "producer" | "consumer" | undefined;
  attributes?: Attributes | undefined;
  /** The span that led here, in another process or an earlier one. Without it the current span is the parent. */
  trace?: Trace | undefined;
  /** What it runs in, besides the span; by default what is active. */
  within?: Context | undefined;
  /** Further traces this work serves, such as those of a batch. Those that are not recorded are left out. */
  links?: Trace[] | undefined;
};

/** Where the spans of this process go. */
export type Recorder = {
  tracer: Pick<Tracer, "startSpan">;
  keepFailure?: FailureKeeper | undefined;
  /** Whether a trace that begins here may be recorded. */
  mayRecord: boolean;
};

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};
const maxLinks = 32;
const failures = new WeakMap<Span, { name: string; message: string }>();
const silent: Recorder = {
  tracer: { startSpan: (_name, _options, parent = context.active()) => unrecordedSpan(trace.getSpanContext(parent)) },
  mayRecord: false,
};
let recorder = silent;

/** Spans go to this recorder from now on, until the returned function is called or another takes over. */
export function recordWith(next: Recorder): () => void {
  recorder = next;
  return () => {
    if (recorder === next) recorder = silent;
  };
}

/** Runs `work` inside a span, which ends with it. What it throws is recorded and thrown on; a refusal is not a failure of the span. */
export async function withSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  ensureContextManager();
  const within = options.within ?? context.active();
  const parent = options.trace ? continueTrace(within, options.trace) : within;
  const span = startSpan(name, options, parent);
  const startedAtMs = Date.now();
  try {
    return await context.with(trace.setSpan(parent, span), work, undefined, span);
  } catch (error) {
    recordFailure(span, error);
    throw error;
  } finally {
    const failure = failures.get(span);
    if (failure && recorder.keepFailure) {
      const { kind = "internal", attributes = {} } = options;
      recorder.keepFailure({ span, name, kind: kinds[kind], attributes, parent, startedAtMs, failure });
    }
    span.end();
  }
}

function startSpan(name: string, options: SpanOptions, parent: Context): Span {
  const above = trace.getSpanContext(parent);
  const isRecorded = above ? isSampled(above) : recorder.mayRecord;
  return isRecorded ? recorder.tracer.startSpan(name, spanOptions(options), parent) : unrecordedSpan(above);
}

function spanOptions({ kind = "internal", attributes, links }: SpanOptions) {
  return { kind: kinds[kind], ...(attributes && { attributes }), ...(links && { links: linksTo(links) }) };
}

/** At most 32. To a trace that is not recorded there is nothing to link. */
export function linksTo(traces: Trace[]): Link[] {
  const recorded = traces.filter(({ traceparent }) => isRecorded(traceparent)).slice(0, maxLinks);
  return recorded.flatMap(({ traceparent }) => {
    const spanContext = remoteSpan(traceparent);
    return spanContext ? [{ context: spanContext }] : [];
  });
}

function recordFailure(span: Span, error: unknown): void {
  if (error instanceof Refusal) {
    span.setAttribute("orderflow.refusal", error.reason);
    return;
  }
  const name = error instanceof Error ? error.name : typeof error;
  const message = error instanceof Error && !error.message.startsWith("Failed query:") ? error.message : name;
  span.recordException({ name, message });
  failSpan(span, message, name);
}

/** The work of this span failed, though nothing was thrown. */
export function failSpan(span: Span, message: string, name = "Error"): void {
  if (!span.isRecording()) failures.set(span, { name, message });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.setAttribute("error.type", name);
}

/** For spans that do not nest as calls do, such as one per event of a batch. Their starter ends them. */
export function currentTracer(): Recorder["tracer"] {
  return recorder.tracer;
}
