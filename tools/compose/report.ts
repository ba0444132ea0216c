import { textTable } from "../format/text-table.ts";
import { eventually } from "../testing/eventually.ts";
import type { Engine } from "./engine.ts";

export type Steps = { step<T>(name: string, work: () => Promise<T>): Promise<T> };

/** Tells each step and how long it took. */
export function createSteps(): Steps {
  return {
    async step(name, work) {
      const from = performance.now();
      try {
        const result = await work();
        console.log(`ok    ${((performance.now() - from) / 1_000).toFixed(1).padStart(6)} s  ${name}`);
        return result;
      } catch (error) {
        console.log(`FAIL  ${((performance.now() - from) / 1_000).toFixed(1).padStart(6)} s  ${name}`);
        throw error;
      }
    },
  };
}

/** Memory and CPU of the project's containers at this moment. */
export async function showUse(engine: Engine, moment: string): Promise<void> {
  const ids = (await engine.compose("ps", "-q")).split("\n").filter((id) => id !== "");
  const rows = await engine.docker("stats", "--no-stream", "--format", "{{.Name}}|{{.MemUsage}}|{{.CPUPerc}}", ...ids);
  const running = rows.split("\n").filter((row) => !row.includes("|0B "));
  console.log(
    `\n${textTable([["container", `memory ${moment}`, "CPU"], ...running.sort().map((row) => row.split("|"))])}\n`,
  );
}

export async function untilReady(gateway: string): Promise<void> {
  await eventually(async () => (await fetch(`${gateway}/readyz`, { signal: AbortSignal.timeout(3_000) })).ok, {
    timeoutMs: 120_000,
    intervalMs: 200,
  });
}
