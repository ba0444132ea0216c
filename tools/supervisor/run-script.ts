import { existsSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { UsageError } from "../install/usage-error.ts";

/** Runs `<folder>/<script>` to its end. Throws with all that it said when it fails; one that is not there is passed over. */
export async function runScript(folder: string, script: string, env: Record<string, string>): Promise<void> {
  const cwd = join(repositoryRoot, folder);
  if (!existsSync(join(cwd, script))) return;
  const child = Bun.spawn([process.execPath, script], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const [exitCode, output, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (exitCode === 0) return;
  throw new UsageError(`${folder}/${script} failed with exit code ${exitCode}:\n${`${output}${errors}`.trim()}`);
}
