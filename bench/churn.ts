import { runCommand } from "@orderflow/tools/install/run-command";
import { churnHelp, parseChurnOptions } from "./churn/churn-options.ts";
import { runChurn } from "./churn/run-churn.ts";

await runCommand(process.argv.slice(2), { help: churnHelp, run: (args) => runChurn(parseChurnOptions(args)) });
