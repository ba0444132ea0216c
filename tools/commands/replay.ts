// By path, as they are read before anything is installed.
import { atCheckout, replayHelp } from "../../infra/operator/command-help.ts";
import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: replayHelp(atCheckout),
  run: async (args) => {
    await ensureInstalled();
    const { withRunningUp } = await import("../supervisor/with-running-up.ts");
    return (await import("@orderflow/infra/operator/run-replay")).runReplay(args, withRunningUp(process.env));
  },
});
