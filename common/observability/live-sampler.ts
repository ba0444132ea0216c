import { type Sampler, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace-base";

export type LiveSampler = Sampler & {
  /** 0 to 1, of the traces that begin from now on. */
  change(ratio: number): void;
};

/** Takes a share of the traces, which may change while the process runs. */
export function createLiveSampler(ratio: number): LiveSampler {
  let current = new TraceIdRatioBasedSampler(ratio);
  return {
    change(changed) {
      current = new TraceIdRatioBasedSampler(changed);
    },
    shouldSample: (context, traceId) => current.shouldSample(context, traceId),
    toString: () => `LiveSampler{${current}}`,
  };
}
