import { afterEach, expect, test } from "bun:test";
import { SpanStatusCode } from "@opentelemetry/api";
import { InMemorySpanExporter } from "@opentelemetry/sdk-trace-base";
import { Refusal } from "../errors.ts";
import { startTracing, type Tracing } from "./start-tracing.ts";
import { currentTrace, failSpan, withSpan } from "./tracing.ts";

let tracing: Tracing | undefined;
afterEach(() => tracing?.stop());

async function recordNothingThatWorks(): Promise<InMemorySpanExporter> {
  const exporter = new InMemorySpanExporter();
  tracing = await startTracing({ service: "order", instance: "order-1", sampleRatio: 0, exporter });
  return exporter;
}

test("a span that fails in a trace nobody sampled is sent, under the ids that log lines named", async () => {
  const exporter = await recordNothingThatWorks();
  const seen: unknown[] = [];
  const fail = withSpan("outer", { kind: "server", attributes: { "http.route": "/trpc" } }, async () => {
    seen.push(currentTrace().spanId);
    await withSpan("beside", {}, async () => undefined);
    await withSpan("inner", {}, async () => {
      seen.push(currentTrace().spanId, currentTrace().traceId);
      expect(currentTrace().traceparent).toEndWith("-00");
      throw new Error("no luck");
    });
  });
  await expect(fail).rejects.toThrow("no luck");

  const [inner, outer, ...others] = exporter.getFinishedSpans();
  expect(others).toEqual([]);
  expect([inner?.name, outer?.name]).toEqual(["inner", "outer"]);
  expect([outer?.spanContext().spanId, inner?.spanContext().spanId, inner?.spanContext().traceId]).toEqual(
    seen as string[],
  );
  expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  expect(outer?.spanContext().traceId).toBe(inner?.spanContext().traceId);
  expect(outer?.attributes["http.route"]).toBe("/trpc");
  expect(inner?.status).toEqual({ code: SpanStatusCode.ERROR, message: "no luck" });
});

test("what failed without throwing is kept too, what was refused or went well is not", async () => {
  const exporter = await recordNothingThatWorks();
  await withSpan("well", {}, async () => undefined);
  await withSpan("refused", {}, () => Promise.reject(new Refusal("out_of_stock", "Sold out"))).catch(() => undefined);
  await withSpan("failed", {}, async (span) => failSpan(span, "answered 503"));
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(["failed"]);
});
