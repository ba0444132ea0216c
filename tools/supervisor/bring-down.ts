import { isAlive, sendSignal, startMark } from "../embedded/process-state.ts";
import { stateFolder } from "../embedded/repository-root.ts";
import { isClaimed } from "./claim-state.ts";
import { endLeftovers } from "./leftovers.ts";
import { readRunFile } from "./run-file.ts";

const maxDrainMs = 45_000;

/** Asks a running supervisor to stop everything, and ends what a killed one left. Returns the exit code. */
export async function bringDown(): Promise<number> {
  const supervisor = readRunFile()?.supervisor;
  const runs = supervisor && isAlive(supervisor.pid) && startMark(supervisor.pid) === supervisor.startMark;
  if (runs) {
    console.log(`Stopping (process ${supervisor.pid}) …`);
    sendSignal(supervisor.pid, "SIGTERM");
    const deadline = Date.now() + maxDrainMs;
    while (isAlive(supervisor.pid) && Date.now() < deadline) await Bun.sleep(50);
    if (isAlive(supervisor.pid)) sendSignal(supervisor.pid, "SIGKILL");
  } else if (await isClaimed(stateFolder)) {
    console.error("It is just starting. Try again in a moment.");
    return 1;
  }
  const left = await endLeftovers();
  if (left.length > 0) console.log(`Ended what was left running: ${left.join(", ")}`);
  console.log(runs || left.length > 0 ? "Stopped." : "Nothing runs.");
  return 0;
}
