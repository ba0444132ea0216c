import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";
import { parseUpOptions, upHelp } from "../supervisor/up-options.ts";

await runCommand(process.argv.slice(2), {
  help: upHelp,
  run: async (args) => {
    const options = parseUpOptions(args);
    await ensureInstalled();
    // Imported late: what they need may have been installed this very moment.
    if (options.isDetached) return (await import("../supervisor/detach.ts")).runDetached(args);
    return (await import("../supervisor/run-up.ts")).runUp(options);
  },
});
