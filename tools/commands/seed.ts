import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run seed

Puts the demo products and accounts into the databases: those that the environment names (ORDER_DATABASE_URL, …, or
DATABASE_URL for a server that holds them all), else those of the running \`bun run up\`.`,
  run: async () => {
    await ensureInstalled();
    return (await import("../supervisor/run-data-command.ts")).runDataCommand("seed");
  },
});
