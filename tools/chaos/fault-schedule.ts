import { createRandom, type Random } from "./seeded-random.ts";

export const killable = ["order", "inventory", "notify", "worker"] as const;
export type Killable = (typeof killable)[number];

/** What is broken at a time; for the first six seconds at most, but never at once with another of its own lane. */
export const surroundingFaults = [
  "broker-kill",
  "broker-kill-and-wipe",
  "broker-partition-drop",
  "broker-partition-stall",
  "postgres-kill",
  "postgres-terminate",
  "postgres-cut",
  "postgres-full",
  "postgres-stall",
  "smtp-refuse",
  "smtp-stall",
  "smtp-4xx",
  "smtp-5xx",
] as const;
export type SurroundingFault = (typeof surroundingFaults)[number];
export type ServiceFault = "kill-instance" | "kill-gateway" | "freeze-leader";
export type FaultKind = SurroundingFault | ServiceFault;

export type ScheduledFault = { atMs: number; kind: FaultKind; forMs: number; service?: Killable; instance?: number };

const firstAtMs = 4_000;
/** The last fault ends before the load does, so that every recovery is seen under load. */
const calmEndMs = 9_000;

/** All that will be done to the system, before anything is: the same seed and length give the same schedule. */
export function makeSchedule(options: { seed: number; durationMs: number; instances: number }): ScheduledFault[] {
  const random = createRandom(options.seed);
  const endMs = Math.max(firstAtMs, options.durationMs - calmEndMs);
  return [...surroundingLane(random, endMs), ...serviceLane(random, endMs, options.instances)].sort(
    (a, b) => a.atMs - b.atMs,
  );
}

function surroundingLane(random: Random, endMs: number): ScheduledFault[] {
  const lane: ScheduledFault[] = [];
  let deck: SurroundingFault[] = [];
  for (let atMs = firstAtMs; atMs < endMs; ) {
    if (deck.length === 0) deck = random.shuffled(surroundingFaults);
    const kind = deck.pop() ?? "broker-kill";
    const forMs = holdMs(kind, random);
    lane.push({ atMs: Math.round(atMs), kind, forMs });
    atMs += forMs + random.between(1_500, 4_000);
  }
  return lane;
}

function holdMs(kind: SurroundingFault, random: Random): number {
  const isInstant = kind.endsWith("kill") || kind.endsWith("wipe") || kind.endsWith("terminate");
  return isInstant || kind === "postgres-cut" ? 0 : Math.round(random.between(2_000, 5_000));
}

/** Kills each instance in turn, a leader is frozen after every third, and the gateway dies once in ten. */
function serviceLane(random: Random, endMs: number, instances: number): ScheduledFault[] {
  const lane: ScheduledFault[] = [];
  const all = killable.flatMap((service) =>
    Array.from({ length: instances }, (_, index) => ({ service, instance: index + 1 })),
  );
  let deck: typeof all = [];
  for (let atMs = firstAtMs + 1_000; atMs < endMs; ) {
    if (deck.length === 0) deck = random.shuffled(all);
    const turn = lane.length % 10;
    if (turn === 3 || turn === 7) {
      // The lock ends 1.5 s after its holder froze.
      const forMs = Math.round(random.between(2_500, 6_000));
      lane.push({ atMs: Math.round(atMs), kind: "freeze-leader", forMs, service: random.pick(killable) });
      atMs += forMs;
    } else if (turn === 9) lane.push({ atMs: Math.round(atMs), kind: "kill-gateway", forMs: 0 });
    else {
      const victim = deck.pop();
      if (victim) lane.push({ atMs: Math.round(atMs), kind: "kill-instance", forMs: 0, ...victim });
    }
    atMs += random.between(1_500, 4_500);
  }
  return lane;
}

export function describeFault({ atMs, kind, forMs, service, instance }: ScheduledFault): string {
  const whom = service ? ` ${service}${instance ? `-${instance}` : ""}` : "";
  return `${(atMs / 1_000).toFixed(1).padStart(7)} s  ${kind}${whom}${forMs > 0 ? ` for ${(forMs / 1_000).toFixed(1)} s` : ""}`;
}
