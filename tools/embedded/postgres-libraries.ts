import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { canEnter, type SystemUser } from "./unprivileged-user.ts";

/** The binaries as the user can run them: in place, or a copy beside the data when their folder is closed to it. */
export function reachableBinaries(
  binaries: PostgresBinaries,
  folder: string,
  user: SystemUser | undefined,
): PostgresBinaries {
  if (canEnter(user, binaries.binFolder)) return binaries;
  const copy = join(folder, `postgresql-${binaries.major}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.partial`;
    rmSync(partial, { recursive: true, force: true });
    cpSync(dirname(binaries.binFolder), partial, { recursive: true, filter: (path) => !path.endsWith(".a") });
    renameSync(partial, copy);
  }
  return {
    ...binaries,
    binFolder: join(copy, "bin"),
    ...(binaries.libFolder ? { libFolder: join(copy, "lib") } : {}),
  };
}

/**
 * A folder of links to the shared libraries, each under its own name and under its soname (libicuuc.so.60).
 * The package makes the second kind in a postinstall script, which package managers do not run unasked.
 */
export function libraryFolder(libFolder: string, folder: string): string {
  const links = join(folder, "lib");
  rmSync(links, { recursive: true, force: true });
  mkdirSync(links, { recursive: true });
  for (const file of readdirSync(libFolder).filter((name) => /\.so(\.|$)/.test(name))) {
    const soname = file.match(/^(.+\.so\.\d+)\./)?.[1];
    for (const name of new Set([file, soname ?? file])) symlinkSync(join(libFolder, file), join(links, name));
  }
  return links;
}
