import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OverloadOptions } from "./overload-options.ts";
import { type PartOutcome, verdict } from "./verdict.ts";

const minEventsPerS = 5_000;
const maxGrownMb = 300;

type Row = { eventsPerS: number; cpuUsPerEvent: number; startMb: number; peakMb: number };

/** notify was away while this many events were told. */
export async function runCatchUp({ events }: OverloadOptions): Promise<PartOutcome> {
  const file = join(tmpdir(), `catch-up-${crypto.randomUUID()}.json`);
  const command = [process.execPath, join(import.meta.dir, "../catch-up.ts"), "--service", "notify"];
  const child = Bun.spawn([...command, "--events", String(events), "--json", file], { stdout: "ignore" });
  if ((await child.exited) !== 0) throw new Error(`bench/catch-up.ts ended with ${child.exitCode}`);
  const [row] = (await Bun.file(file).json()) as Row[];
  await Bun.file(file).delete();
  if (!row) throw new Error("bench/catch-up.ts measured nothing");
  return {
    part: "catch-up",
    verdicts: [
      verdict("events applied a second", row.eventsPerS, { atLeast: minEventsPerS }),
      verdict("memory grown by", row.peakMb - row.startMb, { atMost: maxGrownMb, unit: " MB" }),
    ],
    figures: row,
  };
}
