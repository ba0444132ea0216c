import { chaosHelp, parseChaosOptions } from "../chaos/chaos-options.ts";
import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: chaosHelp,
  run: async (args) => {
    const options = parseChaosOptions(args);
    await ensureInstalled();
    if (options.case === "commit-cut") return (await import("../chaos/cases/commit-cut.ts")).runCommitCut(options);
    if (options.case === "outages") return (await import("../chaos/cases/outages.ts")).runOutages(options);
    return (await import("../chaos/run-chaos.ts")).runChaos(options);
  },
});
