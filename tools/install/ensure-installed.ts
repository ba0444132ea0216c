import { existsSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "./usage-error.ts";

const root = resolve(import.meta.dir, "../..");

/**
 * Installs the dependencies when they are missing or older than the lockfile. What calls this imports nothing but
 * built-in modules before, because nothing else is there yet.
 */
export async function ensureInstalled(): Promise<void> {
  if (isInstalled()) return;
  console.error("Installing dependencies (once) …");
  // Not "bun": there need be none on PATH.
  const command = [process.execPath, "install", "--frozen-lockfile"];
  const child = Bun.spawn(command, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  const [exitCode, errors] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  if (exitCode !== 0) {
    const advice = errors.includes("lockfile is frozen")
      ? "bun.lock does not fit the package.json files. Run `bun install`, and commit what it changes."
      : "The dependencies could not be installed. Is the npm registry reachable from here?";
    throw new UsageError(`${errors.trim()}\n\n${advice}`);
  }
  markInstalled();
}

const marker = join(root, "node_modules/.installed");

function isInstalled(): boolean {
  if (!existsSync(marker)) return false;
  const inputs = ["bun.lock", "package.json"].map((name) => statSync(join(root, name)).mtimeMs);
  return statSync(marker).mtimeMs >= Math.max(...inputs);
}

function markInstalled(): void {
  writeFileSync(marker, "");
  utimesSync(marker, new Date(), new Date());
}
