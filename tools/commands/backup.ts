import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run backup --to FOLDER

Copies all five databases as of one consistent point into an empty folder, while the system works: every order that was
accepted before it began is in it, and every cursor stands on an event that its producer's copy has. It holds the
listeners for some milliseconds; orders are taken meanwhile. Secrets are not in it; personal data are.

The databases are those that the environment names (ORDER_DATABASE_URL, …, or DATABASE_URL for a server that holds them
all), else those of the running \`bun run up\`. What is promised, and what to use for large shops, is in
docs/operations.md.`,
  run: async (args) => {
    await ensureInstalled();
    return (await import("../backup/run-backup.ts")).runBackup(args);
  },
});
