import { ensureInstalled } from "../install/ensure-installed.ts";
import { runCommand } from "../install/run-command.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run check-compose [--keep]

Runs the system in containers as compose.yaml says, under a project name and on ports of its own: places orders, reads
mails, backs up and restores, kills each container, scales, and takes everything down with its data. Needs a Docker engine.

  --keep   leave it running at the end (project orderflow-check)`,
  run: async (args) => {
    await ensureInstalled();
    const { runComposeCheck } = await import("../compose/run-compose-check.ts");
    return runComposeCheck({ keep: args.includes("--keep") });
  },
});
