import { expect, test } from "bun:test";
import { UsageError } from "../install/usage-error.ts";
import { parseChaosOptions } from "./chaos-options.ts";
import { planVisits } from "./clients/visits.ts";
import { makeSchedule, surroundingFaults } from "./fault-schedule.ts";

const fiveMinutes = { durationMs: 300_000, instances: 2 };

test("the same seed is the same schedule and the same visits, another is another", () => {
  expect(makeSchedule({ seed: 7, ...fiveMinutes })).toEqual(makeSchedule({ seed: 7, ...fiveMinutes }));
  expect(makeSchedule({ seed: 7, ...fiveMinutes })).not.toEqual(makeSchedule({ seed: 8, ...fiveMinutes }));
  expect(planVisits(7, 100)).toEqual(planVisits(7, 100));
  expect(planVisits(7, 100)).not.toEqual(planVisits(8, 100));
});

test("five minutes have every kind of fault and every instance, in order of time, and end calmly", () => {
  const schedule = makeSchedule({ seed: 1, ...fiveMinutes });
  const kinds = new Set<string>(schedule.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([...surroundingFaults, "freeze-leader", "kill-gateway", "kill-instance"].sort());
  expect(schedule.map(({ atMs }) => atMs)).toEqual(schedule.map(({ atMs }) => atMs).sort((a, b) => a - b));
  const killed = schedule.flatMap(({ kind, service, instance }) =>
    kind === "kill-instance" ? [`${service}-${instance}`] : [],
  );
  expect(new Set(killed).size).toBe(8);
  expect(schedule.at(-1)?.atMs).toBeLessThan(fiveMinutes.durationMs - 5_000);
});

test("no key is used twice", () => {
  const visits = planVisits(1, 5_000);
  const keys = visits.flatMap(({ request, cancel, adjust }) => [
    request.idempotencyKey,
    ...[cancel?.key, adjust?.key].filter((key) => key !== undefined),
  ]);
  expect(new Set(keys).size).toBe(keys.length);
});

test.each([[["--orders", "0"]], [["--broker", "rabbit"]], [["--case", "fire"]], [["--minutes", "x"]], [["extra"]]])(
  "%j is refused",
  (args) => {
    expect(() => parseChaosOptions(args)).toThrow(UsageError);
  },
);
