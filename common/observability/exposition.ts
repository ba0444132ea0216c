import { type OpenMetricsContentType, type PrometheusContentType, Registry } from "prom-client";

export type MetricRegistry = Registry<PrometheusContentType | OpenMetricsContentType>;
export type Exposition = { contentType: string; body: string };

/** Histograms keep exemplars only in a registry that begins as one of OpenMetrics. */
export function createRegistry(): MetricRegistry {
  const registry: MetricRegistry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

/** Renders a registry, for one reader at a time: as OpenMetrics, which alone shows exemplars, for whoever accepts it. */
export function createExposition(registry: MetricRegistry): (accept: string) => Promise<Exposition> {
  let last: Promise<unknown> = Promise.resolve();

  async function render(accept: string): Promise<Exposition> {
    const isOpenMetrics = accept.includes("application/openmetrics-text");
    registry.setContentType(isOpenMetrics ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE);
    const named = registry.getMetricsAsArray().map((metric) => ({ metric, name: metric.name }));
    const { contentType } = registry;
    try {
      return { contentType, body: await registry.metrics() };
    } finally {
      // The library takes `_total` off the names of counters when it renders OpenMetrics, and leaves them so.
      for (const { metric, name } of named) Object.assign(metric, { name });
      registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    }
  }

  return (accept) => {
    const rendered = last.then(() => render(accept));
    last = rendered.catch(() => undefined);
    return rendered;
  };
}
