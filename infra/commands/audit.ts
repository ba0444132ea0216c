import { auditHelp, parseAuditOptions } from "../audit/audit-options.ts";
import { runAudit } from "../audit/run-audit.ts";
import { runCommand } from "../command-line/run-command.ts";
import { atContainer } from "../operator/command-help.ts";

await runCommand(process.argv.slice(2), {
  help: auditHelp(atContainer),
  run: (args) => runAudit(parseAuditOptions(args), process.env),
});
