import type { Counter, Gauge, Histogram } from "prom-client";

const recorders = ["inc", "dec", "set", "observe"];

/**
 * A label that takes a value from outside would grow the registry until the process dies. Past `maxLabelSets`
 * different sets a new one is counted under the value "other".
 */
export function boundLabels<M extends Counter | Gauge | Histogram>(metric: M, maxLabelSets = 500): M {
  const known = new Set<string>();
  const bounded = (labels: object): object => {
    const key = Object.values(labels).join("\u0000");
    if (known.has(key)) return labels;
    if (known.size < maxLabelSets) {
      known.add(key);
      return labels;
    }
    return Object.fromEntries(Object.keys(labels).map((name) => [name, "other"]));
  };
  for (const name of recorders) {
    const record: unknown = Reflect.get(metric, name);
    if (typeof record !== "function") continue;
    Reflect.set(metric, name, (first: unknown, ...rest: unknown[]): unknown => {
      const isLabels = typeof first === "object" && first !== null;
      return record.apply(metric, [isLabels ? bounded(first) : first, ...rest]);
    });
  }
  return metric;
}
