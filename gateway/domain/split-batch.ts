import type { Call, UnknownCall } from "./read-calls.ts";

/** The calls of a mixed batch that go to one service. `positions` are theirs in the client's batch. */
export type Part = { service: string; procedures: string[]; positions: number[]; inputs: Record<string, unknown> };

/** Groups by service, in order of first appearance, with inputs counted from 0 in each. Unknown calls are in no part. */
export function splitBatch(calls: readonly (Call | UnknownCall)[], inputs: Readonly<Record<string, unknown>>): Part[] {
  const parts = new Map<string, Part>();
  for (const [position, call] of calls.entries()) {
    if (call.service === undefined) continue;
    const part = parts.get(call.service) ?? { service: call.service, procedures: [], positions: [], inputs: {} };
    parts.set(call.service, part);
    const input = inputs[position];
    if (input !== undefined) part.inputs[part.procedures.length] = input;
    part.procedures.push(call.procedure);
    part.positions.push(position);
  }
  return [...parts.values()];
}
