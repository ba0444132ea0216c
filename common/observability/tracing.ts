import {
  type Attributes,
  type Context,
  context,
  type Link,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { Refusal } from "../errors.ts";
import type { Trace } from "../messaging/event.ts";
import { type FailureKeeper, keepFailures } from "./kept-failures.ts";
import { createLiveSampler } from "./live-sampler.ts";
import { continueTrace, ensureContextManager, isRecorded, isSampled, remoteSpan } from "./trace-scope.ts";
import { unrecordedSpan } from "./unrecorded-span.ts";

export { currentTrace, traceIdOf, withCorrelation } from "./trace-scope.ts";

export type Tracing = {
  /** From the next trace that begins here on. */
  sample(ratio: number): void;
  stop(): Promise<void>;
};
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

type Options = {
  service: string;
  instance: string;
  /** OTLP/HTTP collector, such as http://127.0.0.1:4318. Without one nothing is recorded, though ids are made. */
  endpoint?: string | undefined;
  /** Of traces that begin here, 0 to 1. A trace begun elsewhere keeps its own decision. Spans that fail are sent in any case. */
  sampleRatio: number;
  /** Gets each sampled span as it ends, before anything else: for tests. */
  exporter?: SpanExporter | undefined;
};

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};
const maxLinks = 32;
const silentProvider = new BasicTracerProvider({ sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }) });
let tracer: Tracer = silentProvider.getTracer("orderflow");
let keepFailure: FailureKeeper | undefined;
/** Whether a trace that begins here may be recorded. */
let mayRecord = false;
const failures = new WeakMap<Span, { name: string; message: string }>();

/** Spans of this process go where it says from now on; a later call takes over. `stop` sends what waits. */
export function startTracing({ service, instance, endpoint, sampleRatio, exporter }: Options): Tracing {
  ensureContextManager();
  const spanProcessors: SpanProcessor[] = [];
  if (exporter) spanProcessors.push(new SimpleSpanProcessor(exporter));
  if (endpoint) {
    const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
    spanProcessors.push(
      new BatchSpanProcessor(new OTLPTraceExporter({ url, timeoutMillis: 5_000 }), { exportTimeoutMillis: 5_000 }),
    );
  }
  const sampler = createLiveSampler(sampleRatio);
  const root = spanProcessors.length > 0 ? sampler : new AlwaysOffSampler();
  const resource = resourceFromAttributes({
    "service.name": service,
    "service.instance.id": instance,
    "service.namespace": "orderflow",
  });
  const provider = new BasicTracerProvider({ resource, sampler: new ParentBasedSampler({ root }), spanProcessors });
  const own = provider.getTracer("orderflow");
  tracer = own;
  const ownKeeper = spanProcessors.length > 0 ? keepFailures({ resource, spanProcessors }) : undefined;
  keepFailure = ownKeeper;
  mayRecord = spanProcessors.length > 0;
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return {
    sample: sampler.change,
    async stop() {
      if (tracer === own) {
        tracer = silentProvider.getTracer("orderflow");
        mayRecord = false;
      }
      if (keepFailure === ownKeeper) keepFailure = undefined;
      // An unreachable collector must not turn a clean stop into a failed one.
      await provider.shutdown().catch(() => {});
    },
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
    if (failure && keepFailure) {
      const { kind = "internal", attributes = {} } = options;
      keepFailure({ span, name, kind: kinds[kind], attributes, parent, startedAtMs, failure });
    }
    span.end();
  }
}

function startSpan(name: string, options: SpanOptions, parent: Context): Span {
  const above = trace.getSpanContext(parent);
  const isRecorded = above ? isSampled(above) : mayRecord;
  return isRecorded ? tracer.startSpan(name, spanOptions(options), parent) : unrecordedSpan(above);
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
export function currentTracer(): Tracer {
  return tracer;
}
