import { repositoryRoot } from "../embedded/repository-root.ts";
import { forgetState } from "../supervisor/fresh-start.ts";
import { type SharedPostgres, shareTestPostgres } from "../testing/shared-postgres.ts";
import { removeTemporaryFolders, temporaryFolder } from "../testing/temporary-folder.ts";

/** Much of a test's time is waiting, for processes that start and clocks that run out. */
const filesAtOnce = 3;
/** Some start a service, which takes five times as long on a slow machine that does three things at once. */
const timeoutMs = 20_000;
/** How long each file took, so that the longest begin first: `bun run test --update-timings` writes it. */
const timings = "tools/check/test-timings.json";

/** Runs `bun test`, shows what it shows as it comes, and adds up its counts. Returns its exit code. */
export async function runTests(args: string[]): Promise<number> {
  const colours = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
  // Held for the whole run: each file would start and stop it.
  const postgres = process.env.TEST_DATABASE_URL ? undefined : await shareTestPostgres();
  // Empty until a test starts a system: the first one makes here what the others copy.
  const systemState = temporaryFolder();
  try {
    const options = [`--parallel=${filesAtOnce}`, "--no-isolate", `--timeout=${timeoutMs}`, `--timings=${timings}`];
    const child = Bun.spawn([process.execPath, "test", ...options, ...args], {
      cwd: repositoryRoot,
      env: { ...process.env, ...colours, ...privateDatabase(postgres), TEST_SYSTEM_STATE: systemState },
      stdio: ["inherit", "inherit", "pipe"],
    });
    const end = await showAndKeepEnd(child.stderr);
    const exitCode = await child.exited;
    console.log(summaryLine(end, exitCode));
    return exitCode;
  } finally {
    forgetState(systemState); // What its servers could not keep in there lies elsewhere.
    removeTemporaryFolders();
    await postgres?.leave();
  }
}

function privateDatabase(postgres: SharedPostgres | undefined): Record<string, string> {
  return postgres ? { TEST_DATABASE_URL: postgres.url, TEST_DATABASE_IS_PRIVATE: "true" } : {};
}

const keptCharacters = 4_096;

/** Bun writes its report, the counts last, to the error stream. */
async function showAndKeepEnd(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let end = "";
  for await (const chunk of stream) {
    process.stderr.write(chunk);
    end = (end + decoder.decode(chunk, { stream: true })).slice(-keptCharacters);
  }
  return end;
}

/** `12 passed, 1 failed, 2 skipped`. A run that failed without a failed test (a crash) counts as one. */
export function summaryLine(output: string, exitCode: number): string {
  const plain = Bun.stripANSI(output);
  const count = (word: string) => Number([...plain.matchAll(new RegExp(`^ *(\\d+) ${word}$`, "gm"))].at(-1)?.[1] ?? 0);
  const failed = Math.max(count("fail"), exitCode === 0 ? 0 : 1);
  const skipped = count("skip") + count("todo");
  const parts = [`${count("pass")} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])];
  return parts.join(", ");
}
