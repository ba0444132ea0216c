import { rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";

const root = join(import.meta.dir, "../..");
/** So far back, where no release is named and none is tagged. */
const commitsBack = 40;

/** A checkout of its own, which can be brought from one revision to another while what was started from it runs. */
export type Checkout = {
  folder: string;
  /** Puts the files of this revision there, and installs what it depends on. Answers its commit. */
  to(revision: string): Promise<string>;
  remove(): Promise<void>;
};

export async function makeCheckout(): Promise<Checkout> {
  const folder = temporaryFolder();
  await run(root, ["git", "clone", "--quiet", "--shared", "--no-checkout", root, folder]);
  return {
    folder,
    async to(revision) {
      // Named where all branches and tags are known by their own names.
      const commit = await run(root, ["git", "rev-parse", `${revision}^{commit}`]);
      await run(folder, ["git", "checkout", "--quiet", "--force", "--detach", commit]);
      await run(folder, [process.execPath, "install", "--frozen-lockfile"]);
      return commit;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The release before: what UPGRADE_FROM names, else the newest tag, else some commits back. */
export async function previousRelease(): Promise<string> {
  if (process.env.UPGRADE_FROM) return process.env.UPGRADE_FROM;
  const tag = await run(root, ["git", "describe", "--tags", "--abbrev=0"]).catch(() => "");
  return tag || `HEAD~${commitsBack}`;
}

async function run(cwd: string, command: string[]): Promise<string> {
  const child = Bun.spawn(command, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${errors.trim()}`);
  return output.trim();
}
