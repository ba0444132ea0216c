import { runCommand } from "../install/run-command.ts";
import { bringDown } from "../supervisor/bring-down.ts";

await runCommand(process.argv.slice(2), {
  help: "Usage: bun run down\n\nStops what `bun run up` started from this folder, and what a killed one left running.",
  run: bringDown,
});
