import { expect, test } from "bun:test";
import { boundLabels } from "./bound-labels.ts";
import { createMetrics } from "./metrics.ts";

const bare = () => createMetrics({ service: "order", instance: "order-1", defaults: false });

test("the same name gives the same metric, and another kind of it is refused", () => {
  const metrics = bare();
  expect(metrics.counter("orders_total", "Orders")).toBe(metrics.counter("orders_total", "Orders"));
  expect(() => metrics.gauge("orders_total", "Orders")).toThrow("another kind");
});

test("contexts of one process do not collide", async () => {
  const [one, two] = [bare(), bare()];
  one.counter("orders_total", "Orders", ["status"]).inc({ status: "placed" }, 2);
  two.counter("orders_total", "Orders", ["status"]).inc({ status: "placed" });
  expect((await one.exposition()).body).toContain('orders_total{status="placed",service="order",instance="order-1"} 2');
  expect((await two.exposition()).contentType).toContain("text/plain");
});

test("past its bound, new label sets are counted as other", async () => {
  const metrics = bare();
  const counter = boundLabels(metrics.counter("paths_total", "Paths", ["path"]), 2);
  for (const path of ["a", "b", "c", "d", "a"]) counter.inc({ path });
  const { values } = await counter.get();
  expect(Object.fromEntries(values.map(({ labels, value }) => [labels.path, value]))).toEqual({ a: 2, b: 1, other: 2 });
});

test("what is counted at a scrape is fresh, and a failing one does not spoil the rest", async () => {
  const metrics = bare();
  const gauge = metrics.gauge("waiting", "Waiting");
  const forget = metrics.onScrape(() => gauge.set(7));
  metrics.onScrape(() => Promise.reject(new Error("database away")));
  metrics.onScrape(() => new Promise(() => {}));
  expect((await metrics.exposition()).body).toContain('waiting{service="order",instance="order-1"} 7');
  forget();
});

test("the process's own metrics include the event loop's lag", async () => {
  const { body } = await createMetrics({ service: "order", instance: "order-1" }).exposition();
  expect(body).toContain("nodejs_eventloop_lag_p99_seconds");
  expect(body).toContain("process_resident_memory_bytes");
});
