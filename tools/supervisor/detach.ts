import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "../embedded/repository-root.ts";
import { UsageError } from "../install/usage-error.ts";
import { claimState } from "./claim-state.ts";
import { readRunFile } from "./run-file.ts";
import { welcome } from "./welcome.ts";

const tailLines = 40;

/** Starts the supervisor in a session of its own and waits until everything is ready. Returns the exit code. */
export async function runDetached(args: string[]): Promise<number> {
  (await claimState(stateFolder)).release(); // Says here and now when another one runs.
  const logFile = join(stateFolder, "up.log");
  const log = openSync(logFile, "w", 0o600);
  const passedOn = args.filter((arg) => arg !== "--detach");
  const script = join(import.meta.dir, "../commands/up.ts");
  const child = Bun.spawn([process.execPath, script, ...passedOn, "--exit-unless-ready"], {
    stdio: ["ignore", log, log],
    detached: true,
  });
  child.unref();
  while (child.exitCode === null && child.signalCode === null) {
    const run = readRunFile();
    if (run?.readyAt && run.supervisor.pid === child.pid) {
      console.log(
        `${welcome(run, performance.now())}\nIt runs in the background; its log is ${logFile}. Stop it with: bun run down`,
      );
      return 0;
    }
    await Bun.sleep(25);
  }
  const tail = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-tailLines);
  throw new UsageError(`${tail.join("\n")}\n\nIt did not get ready; the whole log is ${logFile}`);
}
