import { runCommand } from "../command-line/run-command.ts";
import { atContainer, realignHelp } from "../operator/command-help.ts";
import { runRealign } from "../operator/run-realign.ts";

await runCommand(process.argv.slice(2), {
  help: realignHelp(atContainer),
  run: (args) => runRealign(args, process.env),
});
