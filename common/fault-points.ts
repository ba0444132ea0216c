import { readFaultPoints } from "./config/fault-point-setting.ts";
import { processLogger } from "./observability/logger.ts";

/** Where the plumbing can be made to do what timing alone would rarely bring about. All of it must be harmless. */
export const faultPointNames = [
  "append.slow-commit",
  "consume.short-batch",
  "publish.lost",
  "publish.doubled",
  "publish.shuffled",
  "read.early-head",
] as const;
export type FaultPoint = (typeof faultPointNames)[number];

/** Without FAULT_POINTS in the environment nothing ever happens at any point. */
export const isAtFault = createFaultPoints(readFaultPoints());

/** Says at every nth pass of a point that it should misbehave, n being that of the point. */
export function createFaultPoints(everyNth: ReadonlyMap<string, number>): (point: FaultPoint) => boolean {
  if (everyNth.size === 0) return () => false;
  const passes = new Map<FaultPoint, number>();
  return (point) => {
    const every = everyNth.get(point);
    if (every === undefined) return false;
    const pass = (passes.get(point) ?? 0) + 1;
    passes.set(point, pass);
    if (pass === every) processLogger().warn({ point }, `fault point reached: ${point}`);
    return pass % every === 0;
  };
}
