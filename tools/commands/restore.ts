import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run restore --from FOLDER [--force]

Brings what \`bun run backup\` wrote into databases that nobody uses, and makes their tables first. The system must not
run. Started again it goes on where the backup was taken: listeners catch up by themselves, jobs run again.

  --force    replaces what is in the databases; without it they must be empty

The databases are those that the environment names (ORDER_DATABASE_URL, …, or DATABASE_URL for a server that holds them
all), with roles that may make and empty tables; else those of \`bun run up\` in this folder, whose PostgreSQL it starts
for the time being. Files that are not as they were written, and backups of another version's tables, are refused.`,
  run: async (args) => {
    await ensureInstalled();
    return (await import("../backup/run-restore.ts")).runRestore(args);
  },
});
