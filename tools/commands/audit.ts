// By path, as they are read before anything is installed.
import { auditHelp, parseAuditOptions } from "../../infra/audit/audit-options.ts";
import { atCheckout } from "../../infra/operator/command-help.ts";
import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: auditHelp(atCheckout),
  run: async (args) => {
    const options = parseAuditOptions(args);
    await ensureInstalled();
    const { withRunningUp } = await import("../supervisor/with-running-up.ts");
    return (await import("@orderflow/infra/audit/run-audit")).runAudit(options, withRunningUp(process.env));
  },
});
