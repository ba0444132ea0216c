import type { ChaosSystem } from "../chaos-system.ts";
import type { Flight } from "../clients/canary.ts";
import { describeFault, type FaultKind, type ScheduledFault } from "../fault-schedule.ts";
import { inject } from "./inject.ts";

export type Injected = {
  kind: FaultKind;
  atMs: number;
  /** What was broken, in words; undefined when there was nothing to break at that moment. */
  did: string | undefined;
  confirmedAfterMs: number | undefined;
  mailedAfterMs: number | undefined;
};

export type ScheduleRun = {
  system: ChaosSystem;
  schedule: ScheduledFault[];
  startedAt: number;
  /** Places an order and answers how long it took until it was confirmed, and its customer told. */
  canary: (options: { awaitsMail: boolean }) => Promise<Flight>;
  say: (text: string) => void;
};

/** Injects every fault at its time, and sends a canary after each, to see how long the system is not itself. */
export async function runSchedule({ system, schedule, startedAt, canary, say }: ScheduleRun): Promise<Injected[]> {
  const inFlight = schedule.map(async (fault): Promise<Injected> => {
    await Bun.sleep(Math.max(0, startedAt + fault.atMs - performance.now()));
    const atMs = Math.round(performance.now() - startedAt);
    const awaitsMail = fault.kind.startsWith("smtp");
    const injecting = inject(system, fault).catch((error: unknown) => {
      say(`${fault.kind} was in vain: ${String(error)}`);
      return undefined;
    });
    const [did, { confirmedAfterMs, mailedAfterMs }] = await Promise.all([injecting, canary({ awaitsMail })]);
    const recovery =
      confirmedAfterMs === undefined ? "not confirmed in time" : `confirmed after ${Math.round(confirmedAfterMs)} ms`;
    say(`${describeFault(fault)}: ${did ?? "in vain"}; an order placed then was ${recovery}`);
    return { kind: fault.kind, atMs, did, confirmedAfterMs, mailedAfterMs };
  });
  return await Promise.all(inFlight);
}
