import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run replay --service <notify|worker> --stream <stream> --to <database URL> [--after N]

Applies a stream's history again to a database of its own, which it migrates first: what the service would hold had it
heard the stream from the event after position N (0: the first). Nothing leaves that database: no event is appended and
no job is added, so no mail is sent and nothing is booked. To look, to compare, or to begin anew with.

order and inventory are not to be had this way: most of what they hold comes from calls, not from streams.

The producer's database is the one that the environment names (ORDER_DATABASE_URL, …, or DATABASE_URL for a server that
holds them all), else that of the running \`bun run up\`. It is only read.`,
  run: async (args) => {
    await ensureInstalled();
    return (await import("../operator/run-replay.ts")).runReplay(args);
  },
});
