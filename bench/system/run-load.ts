import { join } from "node:path";
import type { LoadReport, LoadTask } from "./load.ts";

type Moments = { onMeasuring: () => Promise<void>; onMeasured: () => Promise<void> };

/** Runs the load in a process of its own, which tells when its warm-up and its measurement end. */
export async function runLoad(task: LoadTask, { onMeasuring, onMeasured }: Moments): Promise<LoadReport> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "load.ts")], {
    stdin: new Blob([JSON.stringify(task)]),
    stdout: "pipe",
    stderr: "inherit",
  });
  let printed = "";
  const decoder = new TextDecoder();
  const seen = new Set<string>();
  const once = async (word: string, then: () => Promise<void>) => {
    if (seen.has(word) || !printed.includes(`${word}\n`)) return;
    seen.add(word);
    await then();
  };
  for await (const chunk of child.stdout) {
    printed += decoder.decode(chunk, { stream: true });
    await once("measuring", onMeasuring);
    await once("measured", onMeasured);
  }
  if ((await child.exited) !== 0) throw new Error(`the load ended with ${child.exitCode}`);
  return JSON.parse(printed.trim().split("\n").at(-1) ?? "");
}
