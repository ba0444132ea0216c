import { runCommand } from "../command-line/run-command.ts";
import { atContainer, readersHelp } from "../operator/command-help.ts";
import { runReaders } from "../operator/run-readers.ts";

await runCommand(process.argv.slice(2), {
  help: readersHelp(atContainer),
  run: (args) => runReaders(args, process.env),
});
