import { expect } from "bun:test";
import { join } from "node:path";
import { longTest } from "./support/long-test.ts";

const root = join(import.meta.dir, "..");

/** Small ones; `bun run chaos --case …` has them at length. */
async function chaos(...args: string[]): Promise<{ code: number; output: string }> {
  const child = Bun.spawn([process.execPath, "tools/commands/chaos.ts", ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, output: `${output}\n${errors}` };
}

longTest(
  "the connection cut at COMMIT, before or after it was sent, loses and doubles nothing",
  async () => {
    const { code, output } = await chaos("--case", "commit-cut", "--cuts", "40");
    if (code !== 0) console.error(output);
    expect(code).toBe(0);
    expect(output).toContain("Cut with the COMMIT delivered: 20, before: 20.");
  },
  180_000,
);

longTest(
  "without the broker orders go on; without PostgreSQL calls fail at once; both come back without a restart",
  async () => {
    const { code, output } = await chaos("--case", "outages", "--outage-s", "5");
    if (code !== 0) console.error(output);
    expect(code).toBe(0);
  },
  240_000,
);

longTest(
  "PostgreSQL that falls silent is left by those who wait for it, and all goes on when it speaks again",
  async () => {
    const { code, output } = await chaos(
      "--case",
      "outages",
      "--outage-of",
      "postgres",
      "--outage-s",
      "15",
      "--silent",
    );
    if (code !== 0) console.error(output);
    expect(code).toBe(0);
  },
  240_000,
);
