import { existsSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";

/**
 * Puts the TypeScript 5.9 of this folder beside dependency-cruiser, as a package manager would for a dependency it
 * declares. It reads imports with TypeScript's JavaScript API, which the compiler that checks our types, 7, has not got.
 */
export function lendTypescript(): void {
  const borrower = realpathSync(join(repositoryRoot, "node_modules/dependency-cruiser"));
  const lender = realpathSync(join(repositoryRoot, "tools/node_modules/typescript"));
  const link = join(dirname(borrower), "typescript");
  if (existsSync(link) && realpathSync(link) === lender) return;
  rmSync(link, { force: true });
  symlinkSync(lender, link);
}
