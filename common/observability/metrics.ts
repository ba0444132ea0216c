import { Counter, collectDefaultMetrics, Gauge, Histogram } from "prom-client";
import { boundLabels } from "./bound-labels.ts";
import { keepExemplars } from "./exemplars.ts";
import { createExposition, createRegistry, type Exposition, type MetricRegistry } from "./exposition.ts";
import { quickObservations } from "./quick-observations.ts";

export type { Counter, Gauge, Histogram } from "prom-client";

export type Metrics = {
  counter(name: string, help: string, labels?: string[]): Counter;
  gauge(name: string, help: string, labels?: string[]): Gauge;
  /** `buckets` are upper bounds, in the unit that the name ends in. Each keeps an exemplar of a recorded trace. */
  histogram(name: string, help: string, buckets: number[], labels?: string[]): Histogram;
  /** Runs before each exposition, at most a second long; what it throws is left out of the answer, not thrown. Returns how to take it away. */
  onScrape(collect: () => void | Promise<void>): () => void;
  /** In the format that `accept` asks for: OpenMetrics, or else the text format of Prometheus. */
  exposition(accept?: string): Promise<Exposition>;
};

const scrapeTimeoutMs = 1_000;
/** How often a process at rest wakes up to see whether its event loop is late. */
const eventLoopPrecisionMs = 1_000;

/** Names as Prometheus wants them: snake_case, unit last, `_total` for counters. The same name again gives the same metric. */
export function createMetrics({
  service,
  instance,
  defaults = true,
}: {
  service: string;
  instance: string;
  defaults?: boolean;
}): Metrics {
  const registry = createRegistry();
  const expose = createExposition(registry);
  registry.setDefaultLabels({ service, instance });
  if (defaults) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: eventLoopPrecisionMs });
  const collectors = new Set<() => void | Promise<void>>();
  const common = (name: string, help: string, labelNames: string[]) => ({
    name,
    help,
    labelNames,
    registers: [registry],
  });
  return {
    counter: (name, help, labels = []) =>
      known(registry, name, Counter) ?? boundLabels(new Counter(common(name, help, labels))),
    gauge: (name, help, labels = []) =>
      known(registry, name, Gauge) ?? boundLabels(new Gauge(common(name, help, labels))),
    histogram: (name, help, buckets, labels = []) =>
      known(registry, name, Histogram) ??
      quickObservations(
        boundLabels(keepExemplars(new Histogram({ ...common(name, help, labels), buckets, enableExemplars: true }))),
      ),
    onScrape(collect) {
      collectors.add(collect);
      return () => collectors.delete(collect);
    },
    async exposition(accept = "") {
      await Promise.all([...collectors].map(collectInTime));
      return await expose(accept);
    },
  };
}

/** Seconds, for what a person or another service waits for. */
export const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

function known<M>(registry: MetricRegistry, name: string, kind: abstract new (...args: never[]) => M): M | undefined {
  const metric: unknown = registry.getSingleMetric(name);
  if (metric === undefined) return undefined;
  if (metric instanceof kind) return metric;
  throw new Error(`The metric ${name} exists and is of another kind`);
}

async function collectInTime(collect: () => void | Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, scrapeTimeoutMs);
  });
  try {
    await Promise.race([Promise.resolve().then(collect), timeout]);
  } catch {
    // A metric that cannot be read now is stale, not a reason to show none.
  } finally {
    clearTimeout(timer);
  }
}
