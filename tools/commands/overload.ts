import { overloadHelp, parseOverloadOptions } from "../../bench/overload/overload-options.ts";
import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: overloadHelp,
  run: async (args) => {
    const options = parseOverloadOptions(args);
    await ensureInstalled();
    return (await import("../../bench/overload/run-overload.ts")).runOverload(options);
  },
});
