import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";
import { UsageError } from "../install/usage-error.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run contracts [--check] [--against COMMIT]

Writes contracts/: the OpenAPI document of each service and of the gateway, the AsyncAPI document, and the events'
schemas, all made from the code. Refuses when that would break a client or a listener of what is there.
  --check             write nothing; fail when a file is out of date
  --against COMMIT    compare with the contracts of that commit, too; HEAD by default`,
  run: async (args) => {
    await ensureInstalled();
    // Imported late: what they need may have been installed this very moment.
    const { headOf, runContracts } = await import("../contracts/run-contracts.ts");
    const { repositoryRoot: root } = await import("../embedded/repository-root.ts");
    const { isCheck, against } = parse(args);
    return runContracts({ root, isCheck, against: against ?? headOf(root) });
  },
});

function parse(args: string[]): { isCheck: boolean; against: string | undefined } {
  const rest = args.filter((arg) => arg !== "--check");
  const [flag, against, ...more] = rest;
  const isUnderstood = rest.length === 0 || (flag === "--against" && against !== undefined && more.length === 0);
  if (!isUnderstood) throw new UsageError(`bun run contracts does not know ${rest.join(" ")}: see --help`);
  return { isCheck: args.includes("--check"), against };
}
