import { UsageError } from "../usage-error.ts";

/** Of a command in a container: what its caller can put right is told as one line, and it ends with 2. */
export async function runInContainer(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
