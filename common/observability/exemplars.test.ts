import { expect, test } from "bun:test";
import { newId } from "../ids.ts";
import { createMetrics, secondsBuckets } from "./metrics.ts";
import { withSpan } from "./tracing.ts";

const openMetrics = "application/openmetrics-text; version=1.0.0";

function aHistogram() {
  const metrics = createMetrics({ service: "order", instance: "order-1", defaults: false });
  const histogram = metrics.histogram("call_seconds", "Calls", secondsBuckets, ["code"]);
  const observeIn = (flags: "00" | "01", seconds: number) => {
    const traceId = newId().replaceAll("-", "");
    const trace = { traceparent: `00-${traceId}-00f067aa0ba902b7-${flags}` };
    return withSpan("call", { trace }, async () => {
      histogram.observe({ code: "OK" }, seconds);
      return traceId;
    });
  };
  return { metrics, histogram, observeIn };
}

test("a latency bucket leads to a recorded trace, for whoever reads OpenMetrics", async () => {
  const { metrics, observeIn } = aHistogram();
  const traceId = await observeIn("01", 0.03);
  const { contentType, body } = await metrics.exposition(openMetrics);
  expect(contentType).toStartWith("application/openmetrics-text");
  expect(body).toMatch(new RegExp(`^call_seconds_bucket\\{le="0.05".*\\} 1 # \\{trace_id="${traceId}"\\} 0.03 `, "m"));
  expect(body).toEndWith("# EOF\n");
});

test("a trace that is not recorded, and no trace, are counted and not pointed to", async () => {
  const { metrics, histogram, observeIn } = aHistogram();
  await observeIn("00", 0.03);
  histogram.observe({ code: "OK" }, 0.03);
  const { body } = await metrics.exposition(openMetrics);
  expect(body).toContain('call_seconds_count{service="order",instance="order-1",code="OK"} 2');
  expect(body).not.toContain("trace_id");
});

test("both formats are read at once, again and again, and no counter loses its name", async () => {
  const { metrics, observeIn } = aHistogram();
  metrics.counter("orders_total", "Orders").inc();
  await observeIn("01", 0.03);
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, n) => metrics.exposition(n % 2 === 0 ? openMetrics : "text/plain")),
  );
  for (const [n, { contentType, body }] of answers.entries()) {
    expect(contentType).toStartWith(n % 2 === 0 ? "application/openmetrics-text" : "text/plain");
    expect(body).toContain("orders_total{");
    expect(body.includes("trace_id")).toBe(n % 2 === 0);
    expect(body.includes("# TYPE orders_total counter")).toBe(n % 2 === 1);
  }
});
