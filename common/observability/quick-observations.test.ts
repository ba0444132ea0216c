import { expect, test } from "bun:test";
import { Histogram, Registry } from "prom-client";
import { createMetrics } from "./metrics.ts";
import { withSpan } from "./tracing.ts";

const buckets = [0.1, 1, 10];
const observations: [labels: Record<string, string | number>, value: number][] = [
  [{ code: "OK", status: 200 }, 0.05],
  [{ status: 200, code: "OK" }, 0.1],
  [{ code: "OK", status: 200 }, 5],
  [{ code: "OK", status: 500 }, 50],
  [{ code: "OK", status: 200 }, 50],
  [{ code: "A,B" }, 1],
  [{ code: "A,B" }, 1],
];

function both() {
  const metrics = createMetrics({ service: "order", instance: "order-1", defaults: false });
  const quick = metrics.histogram("call_seconds", "Calls", buckets, ["code", "status"]);
  const registers = [new Registry()];
  const plain = new Histogram({
    name: "call_seconds",
    help: "Calls",
    buckets,
    labelNames: ["code", "status"],
    registers,
  });
  return { quick, plain, metrics };
}

test("it counts as the library does, in any order of labels", async () => {
  const { quick, plain } = both();
  for (let round = 0; round < 3; round++)
    for (const [labels, value] of observations) {
      quick.observe(labels, value);
      plain.observe(labels, value);
    }
  const valuesOf = async (histogram: Histogram) =>
    (await histogram.get()).values.map(({ exemplar: _, ...value }: object & { exemplar?: unknown }) => value);
  expect(await valuesOf(quick)).toEqual(await valuesOf(plain));
});

test("what is no number is refused, also where its labels are known", () => {
  const { quick } = both();
  quick.observe({ code: "OK" }, 1);
  expect(() => quick.observe({ code: "OK" }, Number.NaN)).toThrow("not a valid number");
  expect(() => quick.observe({ color: "red" } as object, 1)).toThrow("color");
});

test("an observation in a recorded trace still leaves its exemplar", async () => {
  const { quick, metrics } = both();
  quick.observe({ code: "OK" }, 0.5);
  quick.observe({ code: "OK" }, 0.5);
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  await withSpan("call", { trace: { traceparent } }, async () => quick.observe({ code: "OK" }, 0.5));
  const { body } = await metrics.exposition("application/openmetrics-text");
  expect(body).toMatch(/le="1".*\} 3 # \{trace_id="0af7651916cd43dd8448eb211c80319c"\}/);
});
