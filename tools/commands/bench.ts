import { benchHelp, parseBenchOptions } from "../../bench/system/bench-options.ts";
import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: benchHelp,
  run: async (args) => {
    const options = parseBenchOptions(args);
    await ensureInstalled();
    return (await import("../../bench/system/run-bench.ts")).runBench(options);
  },
});
