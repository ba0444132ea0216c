import { auditHelp, parseAuditOptions } from "../audit/audit-options.ts";
import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: auditHelp,
  run: async (args) => {
    const options = parseAuditOptions(args);
    await ensureInstalled();
    return (await import("../audit/run-audit.ts")).runAudit(options);
  },
});
