import type { Context, Span, SpanKind } from "@opentelemetry/api";
import { SpanStatusCode } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  type IdGenerator,
  RandomIdGenerator,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";

export type FailedSpan = {
  /** What stood in its place: not sampled, so it recorded nothing. */
  span: Span;
  name: string;
  kind: SpanKind;
  attributes: Record<string, unknown>;
  parent: Context;
  startedAtMs: number;
  failure: { name: string; message: string };
};

export type FailureKeeper = (failed: FailedSpan) => void;

/**
 * Sampling is decided before anything went wrong. A span that fails in a trace nobody sampled is made afterwards, under
 * the ids it had, and sent: so what does not fail costs nothing.
 */
export function keepFailures(options: { resource: Resource; spanProcessors: SpanProcessor[] }): FailureKeeper {
  const idGenerator = new GivenIds();
  const provider = new BasicTracerProvider({ ...options, sampler: new AlwaysOnSampler(), idGenerator });
  const tracer = provider.getTracer("orderflow");
  return ({ span, name, kind, attributes, parent, startedAtMs, failure }) => {
    idGenerator.next = span.spanContext();
    const kept = tracer.startSpan(name, { kind, startTime: startedAtMs }, parent);
    idGenerator.next = undefined;
    kept.setAttributes({ ...(attributes as Record<string, string>), "orderflow.kept_for_failure": true });
    kept.recordException(failure);
    kept.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
    kept.end();
  };
}

class GivenIds implements IdGenerator {
  next: { traceId: string; spanId: string } | undefined;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.next?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.next?.spanId ?? this.#random.generateSpanId();
  }
}
