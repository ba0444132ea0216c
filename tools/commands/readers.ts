import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run readers [forget <stream> <reader>] [--json]

Shows who reads which stream, how far each has said to be, when, and from which position on the stream is kept for them.
A reader that is silent holds its stream from being pruned.

  forget    lets the stream be pruned past a reader that is gone for good. It is held for it again as soon as it reads.

  --json    JSON instead of a table

The databases are those that the environment names (ORDER_DATABASE_URL, …, or DATABASE_URL for a server that holds them
all), else those of the running \`bun run up\`. The procedure is in docs/operations.md.`,
  run: async (args) => {
    await ensureInstalled();
    return (await import("../operator/run-readers.ts")).runReaders(args);
  },
});
