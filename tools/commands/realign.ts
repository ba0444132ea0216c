// By path, as they are read before anything is installed.
import { atCheckout, realignHelp } from "../../infra/operator/command-help.ts";
import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: realignHelp(atCheckout),
  run: async (args) => {
    await ensureInstalled();
    const { withRunningUp } = await import("../supervisor/with-running-up.ts");
    return (await import("@orderflow/infra/operator/run-realign")).runRealign(args, withRunningUp(process.env));
  },
});
