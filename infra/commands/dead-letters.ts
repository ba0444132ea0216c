import { runCommand } from "../command-line/run-command.ts";
import { atContainer, deadLettersHelp } from "../operator/command-help.ts";
import { runDeadLetters } from "../operator/run-dead-letters.ts";

await runCommand(process.argv.slice(2), {
  help: deadLettersHelp(atContainer),
  run: (args) => runDeadLetters(args, process.env, atContainer),
});
