/** What a test or a reader needs of a span, as OTLP's JSON has it. Times are in milliseconds since 1970. */
export type ReceivedSpan = {
  service: string;
  name: string;
  kind: "internal" | "server" | "client" | "producer" | "consumer";
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  startMs: number;
  endMs: number;
  isError: boolean;
  links: { traceId: string; spanId: string }[];
  attributes: Record<string, unknown>;
};

export type SpanReceiver = {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  /** In the order they came; at most 20,000, the oldest go first. */
  spans(): ReceivedSpan[];
  stop(): Promise<void>;
};

const maxSpans = 20_000;
const kinds = ["internal", "internal", "server", "client", "producer", "consumer"] as const;
const errorStatus = 2;

/** A collector that keeps what it is told: OTLP over HTTP, JSON (https://opentelemetry.io/docs/specs/otlp/). */
export function receiveSpans({ port = 0 }: { port?: number } = {}): SpanReceiver {
  const kept: ReceivedSpan[] = [];
  const server = Bun.serve({
    port,
    hostname: "127.0.0.1",
    async fetch(request) {
      if (new URL(request.url).pathname !== "/v1/traces") return new Response(null, { status: 404 });
      if (request.headers.get("content-type") !== "application/json") return new Response(null, { status: 415 });
      kept.push(...toSpans((await request.json()) as Export));
      kept.splice(0, kept.length - maxSpans);
      return Response.json({});
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    spans: () => [...kept],
    stop: () => server.stop(true),
  };
}

type KeyValue = { key: string; value: Record<string, unknown> };
type WireSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status?: { code?: number };
  links?: { traceId: string; spanId: string }[];
  attributes?: KeyValue[];
};
type Export = {
  resourceSpans?: { resource?: { attributes?: KeyValue[] }; scopeSpans?: { spans?: WireSpan[] }[] }[];
};

function toSpans({ resourceSpans = [] }: Export): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = String(toRecord(resource?.attributes)["service.name"]);
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => toSpan(service, span)));
  });
}

function toSpan(service: string, span: WireSpan): ReceivedSpan {
  return {
    service,
    name: span.name,
    kind: kinds[span.kind] ?? "internal",
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || undefined,
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
    isError: span.status?.code === errorStatus,
    links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
    attributes: toRecord(span.attributes),
  };
}

function toRecord(attributes: KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
