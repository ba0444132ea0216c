import { runTests } from "../check/run-tests.ts";
import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run test [arguments of bun test]

Installs what is missing, runs the tests and ends with a line "N passed, N failed".
  bun run test order              the tests whose path holds "order"
  bun run test -t "cancel"        the tests whose name matches`,
  run: async (args) => {
    await ensureInstalled();
    return runTests(args);
  },
});
