import type { Histogram } from "prom-client";
import { recordedTraceId } from "./trace-scope.ts";

/** Each bucket remembers the last observation that was made in a recorded trace, by that trace's id. */
export function keepExemplars(histogram: Histogram): Histogram {
  const observe = histogram.observe.bind(histogram) as (observation: object) => void;
  return Object.assign(histogram, {
    observe(first: number | object, second?: number) {
      const [labels, value] = typeof first === "number" ? [{}, first] : [first, second];
      observe({ labels, value, exemplarLabels: exemplarLabels() });
    },
  });
}

/** None for a trace that is not recorded: nobody could look at it. */
function exemplarLabels(): { trace_id?: string } {
  const traceId = recordedTraceId();
  return traceId === undefined ? {} : { trace_id: traceId };
}
