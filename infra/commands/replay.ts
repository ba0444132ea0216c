import { runCommand } from "../command-line/run-command.ts";
import { atContainer, replayHelp } from "../operator/command-help.ts";
import { runReplay } from "../operator/run-replay.ts";

await runCommand(process.argv.slice(2), { help: replayHelp(atContainer), run: (args) => runReplay(args, process.env) });
