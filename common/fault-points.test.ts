import { describe, expect, test } from "bun:test";
import { readFaultPoints } from "./config/fault-point-setting.ts";
import { createFaultPoints, type FaultPoint, isAtFault } from "./fault-points.ts";
import { createMessageFaults } from "./messaging/message-faults.ts";

describe("fault points", () => {
  test("do nothing unless the environment names them", () => {
    expect(readFaultPoints({})).toEqual(new Map());
    expect(isAtFault("publish.lost")).toBe(false);
  });

  test.each([
    ["without permission", { FAULT_POINTS: "publish.lost=2" }],
    ["in production", { FAULT_POINTS: "publish.lost=2", ALLOW_FAULT_POINTS: "true", NODE_ENV: "production" }],
    ["that are not understood", { FAULT_POINTS: "publish.lost", ALLOW_FAULT_POINTS: "true" }],
  ])("%s stop the start", (_, env) => {
    expect(() => readFaultPoints(env)).toThrow("FAULT_POINTS");
  });

  test("misbehave every nth time, each counted for itself", () => {
    const points = readFaultPoints({ FAULT_POINTS: "publish.lost=3,publish.doubled=1", ALLOW_FAULT_POINTS: "true" });
    const atFault = createFaultPoints(points);
    expect([1, 2, 3, 4, 5, 6].map(() => atFault("publish.lost"))).toEqual([false, false, true, false, false, true]);
    expect(atFault("publish.doubled")).toBe(true);
    expect(atFault("append.slow-commit")).toBe(false);
  });

  test("lose, delay and double messages, and invent none", () => {
    let fault: FaultPoint | undefined;
    const asBrought = createMessageFaults<number>((point) => point === fault);
    const under = (next: FaultPoint | undefined, messages: number[]) => {
      fault = next;
      return asBrought(messages);
    };
    expect(under("publish.lost", [1])).toEqual([]);
    expect(under("publish.shuffled", [2])).toEqual([]);
    expect(under(undefined, [3])).toEqual([3, 2]);
    expect(under("publish.doubled", [4, 5])).toEqual([4, 5, 4, 5]);
  });
});
