import { runCommand } from "@orderflow/tools/install/run-command";
import { growthHelp, parseGrowthOptions } from "./growth/growth-options.ts";
import { runGrowth } from "./growth/run-growth.ts";

await runCommand(process.argv.slice(2), { help: growthHelp, run: (args) => runGrowth(parseGrowthOptions(args)) });
