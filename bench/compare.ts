import { runCommand } from "@orderflow/tools/install/run-command";
import { compareHelp, parseCompareOptions } from "./compare-revisions/compare-options.ts";
import { runCompare } from "./compare-revisions/run-compare.ts";

await runCommand(process.argv.slice(2), { help: compareHelp, run: (args) => runCompare(parseCompareOptions(args)) });
