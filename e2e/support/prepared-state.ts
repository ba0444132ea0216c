import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withFileLock } from "@orderflow/tools/embedded/file-lock";
import { reachableFolder } from "@orderflow/tools/embedded/reachable-folder";
import { unprivilegedUser } from "@orderflow/tools/embedded/unprivileged-user";

/** What a system without services leaves that the next one need not make: `up` itself looks whether it still fits. */
const keptFiles = ["secrets.json", "prepared.json"];

/**
 * Gives a new state folder databases that are migrated and seeded. The first to come in a run of all tests lets `make`
 * fill the run's folder; the others copy it. A file that is run by itself begins from nothing.
 */
export async function takePreparedState(state: string, make: (state: string) => Promise<void>): Promise<void> {
  const source = process.env.TEST_SYSTEM_STATE;
  if (!source) return;
  const made = join(source, "made");
  await withFileLock(join(source, "made.lock"), async () => {
    if (existsSync(made)) return;
    await make(source);
    writeFileSync(made, "");
  });
  for (const file of keptFiles) await cp(join(source, file), join(state, file));
  await copyDatabases(source, state);
}

/** With cp(1), which leaves the files to their owner: PostgreSQL runs on no others. */
async function copyDatabases(source: string, state: string): Promise<void> {
  const user = unprivilegedUser(["postgres", "nobody"]);
  const [from, to] = [source, state].map((folder) => reachableFolder(join(folder, "postgres"), user)) as [
    string,
    string,
  ];
  mkdirSync(dirname(to), { recursive: true });
  const child = Bun.spawn(["cp", "-a", from, to], { stdio: ["ignore", "ignore", "pipe"] });
  const errors = await child.stderr.text();
  if ((await child.exited) !== 0) throw new Error(`the databases of ${source} could not be copied: ${errors.trim()}`);
}
