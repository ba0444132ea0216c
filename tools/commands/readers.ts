import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run readers [--json]
       bun run readers forget <stream> <reader>
       bun run readers begin <stream> <reader> [--at <floor|head> --reason "why"]

Shows who reads which stream, how far each has said to be, when, and from which position on the stream is kept for them.
A reader that is silent holds its stream from being pruned.

  forget    lets the stream be pruned past a reader that is gone for good. It is held for it again as soon as it reads.
  begin     for a reader that is halted, since what it should read next is pruned, or one that has read nothing yet:
            says what it would never apply if it began further on. With --at it does begin there: on the oldest event
            that is kept (floor) or the newest (head). The event after that one is the first that it applies. What it
            skips is noted in its database, with who and why, and told by its log and by \`bun run audit\`.

  --json    JSON instead of a table

The databases are those that the environment names (ORDER_DATABASE_URL, …, or DATABASE_URL for a server that holds them
all), else those of the running \`bun run up\`. The procedure is in docs/operations.md.`,
  run: async (args) => {
    await ensureInstalled();
    return (await import("../operator/run-readers.ts")).runReaders(args);
  },
});
