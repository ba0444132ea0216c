import { runCommand } from "@orderflow/tools/install/run-command";
import { fillHelp, parseFillOptions } from "./growth/fill-options.ts";
import { fillState } from "./growth/fill-state.ts";

await runCommand(process.argv.slice(2), { help: fillHelp, run: (args) => fillState(parseFillOptions(args)) });
