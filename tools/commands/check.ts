import { runChecks } from "../check/run-checks.ts";
import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: "Usage: bun run check\n\nBiome, TypeScript, dependency-cruiser, knip, the contracts and the migrations at once; shows what fails.",
  run: async () => {
    await ensureInstalled();
    return runChecks();
  },
});
