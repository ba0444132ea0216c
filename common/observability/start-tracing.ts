import { propagation } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
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
import { keepFailures } from "./kept-failures.ts";
import { createLiveSampler } from "./live-sampler.ts";
import { ensureContextManager } from "./trace-scope.ts";
import { recordWith } from "./tracing.ts";

export type Tracing = {
  /** From the next trace that begins here on. */
  sample(ratio: number): void;
  stop(): Promise<void>;
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

/** Spans of this process go where it says from now on; a later call takes over. `stop` sends what waits. */
export async function startTracing({ service, instance, endpoint, sampleRatio, exporter }: Options): Promise<Tracing> {
  ensureContextManager();
  const spanProcessors: SpanProcessor[] = [];
  if (exporter) spanProcessors.push(new SimpleSpanProcessor(exporter));
  if (endpoint) spanProcessors.push(await sendTo(endpoint));
  const mayRecord = spanProcessors.length > 0;
  const sampler = createLiveSampler(sampleRatio);
  const resource = resourceFromAttributes({
    "service.name": service,
    "service.instance.id": instance,
    "service.namespace": "orderflow",
  });
  const provider = new BasicTracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: mayRecord ? sampler : new AlwaysOffSampler() }),
    spanProcessors,
  });
  const stopRecording = recordWith({
    tracer: provider.getTracer("orderflow"),
    keepFailure: mayRecord ? keepFailures({ resource, spanProcessors }) : undefined,
    mayRecord,
  });
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return {
    sample: sampler.change,
    async stop() {
      stopRecording();
      // An unreachable collector must not turn a clean stop into a failed one.
      await provider.shutdown().catch(() => {});
    },
  };
}

const exportTimeoutMillis = 5_000;

async function sendTo(endpoint: string): Promise<SpanProcessor> {
  // Loaded when it is used: it is a twelfth of what a service needs to start.
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  return new BatchSpanProcessor(new OTLPTraceExporter({ url, timeoutMillis: exportTimeoutMillis }), {
    exportTimeoutMillis,
  });
}
