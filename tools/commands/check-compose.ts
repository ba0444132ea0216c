import { ensureInstalled } from "../install/ensure-installed.ts";
import { readOptions } from "../install/read-options.ts";
import { runCommand } from "../install/run-command.ts";
import { UsageError } from "../install/usage-error.ts";

await runCommand(process.argv.slice(2), {
  help: `Usage: bun run check-compose [--only PART] [--keep]

Runs the system in containers as compose.yaml says, under a project name and on ports of its own: places orders, reads
mails, calls what operators call, backs up and restores, kills each container, scales, and takes everything down with its
data. Then the same as compose.override.example.yaml and the documents on TLS show it. Needs a Docker engine.

  --only PART   use (with what operators call, changed passwords, backup), break (each is killed), scale (and deploying
                one service alone) or variants

  --keep        leave it running at the end (project orderflow-check)`,
  run: async (args) => {
    await ensureInstalled();
    const { parts, runComposeCheck } = await import("../compose/run-compose-check.ts");
    const { keep = false, only: named } = readOptions(args, { keep: { type: "boolean" }, only: { type: "string" } });
    const only = parts.find((part) => part === named);
    if (named !== undefined && !only) throw new UsageError(`--only is one of ${parts.join(", ")}.`);
    return runComposeCheck({ keep, ...(only && { only }) });
  },
});
