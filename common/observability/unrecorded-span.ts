import { type Span, type SpanContext, TraceFlags, trace } from "@opentelemetry/api";

/**
 * A span that nobody records here: ids, which go along with the decision of whoever began the trace, and nothing else. The
 * tracer would look at name, kind, attributes and links of each, only to leave them.
 */
export function unrecordedSpan(parent: SpanContext | undefined): Span {
  const traceId = parent?.traceId ?? randomHex() + randomHex();
  const traceState = parent?.traceState;
  return trace.wrapSpanContext({
    traceId,
    spanId: randomHex(),
    traceFlags: parent?.traceFlags ?? TraceFlags.NONE,
    ...(traceState && { traceState }),
  });
}

/** 16 digits. Ids of spans need to be different, not secret. Never all zero, which would be none. */
function randomHex(): string {
  return half(1) + half(0);
}

function half(min: number): string {
  return Math.floor(min + Math.random() * (0x1_0000_0000 - min))
    .toString(16)
    .padStart(8, "0");
}
