import { basename } from "node:path";
import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run dev (in a service's folder)

Runs that service alone and restarts it on every change, against what its environment names, by default the
system that \`bun run up\` runs. With \`bun run up --without order\`, order run this way takes its place.`,
  run: async ([service = basename(process.cwd())]) => {
    await ensureInstalled();
    return (await import("../supervisor/run-dev.ts")).runDev(service);
  },
});
