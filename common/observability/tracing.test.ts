import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { SpanStatusCode } from "@opentelemetry/api";
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace-base";
import { Refusal } from "../errors.ts";
import { startTracing, type Tracing } from "./start-tracing.ts";
import { currentTrace, traceIdOf, withCorrelation, withSpan } from "./tracing.ts";

setDefaultTimeout(20_000);

const remoteTraceId = "0af7651916cd43dd8448eb211c80319c";
const sampled = `00-${remoteTraceId}-b7ad6b7169203331-01`;
const unsampled = `00-${remoteTraceId}-b7ad6b7169203331-00`;

let tracing: Tracing | undefined;
afterEach(() => tracing?.stop());

async function record(sampleRatio = 1): Promise<InMemorySpanExporter> {
  const exporter = new InMemorySpanExporter();
  tracing = await startTracing({ service: "order", instance: "order-1", sampleRatio, exporter });
  return exporter;
}

test("ids are valid though tracing was never started", async () => {
  await withSpan("work", {}, async () => {
    const { traceparent, traceId } = currentTrace();
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(traceIdOf(traceparent)).toBe(traceId);
    expect(traceId).not.toBe("0".repeat(32));
  });
});

test("outside every span there is no trace", () => {
  expect(currentTrace()).toEqual({
    traceparent: undefined,
    correlationId: undefined,
    traceId: undefined,
    spanId: undefined,
  });
});

test("spans nest, also across an await, and siblings do not", async () => {
  const exporter = await record();
  await withSpan("outer", {}, async () => {
    await Bun.sleep(1);
    await Promise.all([withSpan("a", {}, () => Bun.sleep(2)), withSpan("b", {}, () => Bun.sleep(1))]);
  });
  const spans = exporter.getFinishedSpans();
  const outer = spans.find((span) => span.name === "outer")?.spanContext();
  const parents = spans.filter((span) => span.name !== "outer").map((span) => span.parentSpanContext?.spanId);
  expect(outer).toBeDefined();
  expect(parents).toEqual([outer?.spanId, outer?.spanId]);
});

test("a remote trace is continued, with its correlation id and its decision to sample", async () => {
  const exporter = await record(0);
  await withSpan("kept", { kind: "server", trace: { traceparent: sampled, correlationId: "c-1" } }, async () => {
    expect(currentTrace()).toMatchObject({ traceId: remoteTraceId, correlationId: "c-1" });
    expect(currentTrace().traceparent).toEndWith("-01");
  });
  await withSpan("dropped", { trace: { traceparent: unsampled } }, async () => {
    expect(currentTrace().traceId).toBe(remoteTraceId);
  });
  expect(exporter.getFinishedSpans().map((span) => span.name)).toEqual(["kept"]);
});

test.each(["", "00-zz", `00-${"0".repeat(32)}-b7ad6b7169203331-01`, "x".repeat(5_000)])(
  "a malformed traceparent %# begins a new trace",
  async (traceparent) => {
    expect(traceIdOf(traceparent)).toBeUndefined();
    await withSpan("work", { trace: { traceparent } }, async () =>
      expect(currentTrace().traceId).toMatch(/^[0-9a-f]{32}$/),
    );
  },
);

test("what work throws is recorded and thrown on", async () => {
  const exporter = await record();
  await expect(withSpan("failing", {}, () => Promise.reject(new Error("no luck")))).rejects.toThrow("no luck");
  const [span] = exporter.getFinishedSpans();
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: "no luck" });
  expect(span?.events[0]?.attributes).toMatchObject({ "exception.message": "no luck" });
});

test("a refusal is an answer, not a failure of the span", async () => {
  const exporter = await record();
  await expect(withSpan("refusing", {}, () => Promise.reject(new Refusal("out_of_stock", "No more")))).rejects.toThrow(
    "No more",
  );
  const [span] = exporter.getFinishedSpans();
  expect(span?.status.code).toBe(SpanStatusCode.UNSET);
  expect(span?.attributes).toMatchObject({ "orderflow.refusal": "out_of_stock" });
});

test("a batch links the traces that it serves", async () => {
  const exporter = await record();
  await withSpan("batch", { links: [{ traceparent: sampled }, { traceparent: "broken" }, {}] }, async () => {});
  expect(exporter.getFinishedSpans()[0]?.links.map((link) => link.context.traceId)).toEqual([remoteTraceId]);
});

test("the correlation id survives spans inside it", async () => {
  await withCorrelation("c-2", () =>
    withSpan("work", {}, async () => expect(currentTrace().correlationId).toBe("c-2")),
  );
  expect(currentTrace().correlationId).toBeUndefined();
});

test("starting again takes over, and stopping is safe when the collector is away", async () => {
  const first = await record();
  const second = await record();
  await withSpan("work", {}, async () => {});
  expect(first.getFinishedSpans()).toHaveLength(0);
  expect(second.getFinishedSpans()).toHaveLength(1);
  const away = await startTracing({
    service: "order",
    instance: "order-2",
    endpoint: "http://127.0.0.1:1",
    sampleRatio: 1,
  });
  await withSpan("work", {}, async () => {});
  await away.stop();
});

test("spans reach a collector as OTLP over HTTP", async () => {
  const bodies: string[] = [];
  const collector = Bun.serve({
    port: 0,
    async fetch(request) {
      bodies.push(new URL(request.url).pathname, await request.text());
      return Response.json({});
    },
  });
  const exporting = await startTracing({
    service: "order",
    instance: "order-1",
    endpoint: collector.url.href,
    sampleRatio: 1,
  });
  await withSpan("sent", {}, async () => {});
  await exporting.stop();
  await collector.stop(true);
  expect(bodies[0]).toBe("/v1/traces");
  expect(bodies[1]).toContain('"sent"');
});
