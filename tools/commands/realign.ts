import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run realign --stream <order|order.commands.worker|inventory|worker> [--service S] [action]

A producer was restored from an older copy, and who listens to it has applied events that it no longer knows. Shows both
histories where they part, for each listener or the one named: its cursor, the last event both know, what it applied
past that and the producer has lost. Reads only, unless told otherwise:

  --bring-back    (stream order) takes the lost orders back, from what notify remembers of them, has order hear again
                  what became of them, and cancels again what was cancelled. Before --accept-log. Can be repeated.
  --accept-log    puts the cursors back to the last event both know and goes on with the producer's history from there.
                  What was applied past it stays applied, and is noted. Asked for each stream by itself. Refused for the
                  stream order while lost orders are not back, unless with
  --give-up-lost  which leaves what was reserved, shipped and told for them without an order.

  --json          JSON instead of tables

The databases are those that the environment names (ORDER_DATABASE_URL, …, or DATABASE_URL for a server that holds them
all), else those of the running \`bun run up\`; --bring-back also signs in at the gateway, as \`bun run dead-letters\`
does. Exits with 1 while histories differ. The whole procedure is in docs/operations.md.`,
  run: async (args) => {
    await ensureInstalled();
    return (await import("../operator/run-realign.ts")).runRealign(args);
  },
});
