import { UsageError } from "../usage-error.ts";

export type Command = { help: string; run: (args: string[]) => Promise<number> };

/** Runs a command of the command line: answers --help, shows a UsageError as its message, and ends with its code. */
export async function runCommand(args: string[], command: Command): Promise<never> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(command.help);
    process.exit(0);
  }
  try {
    process.exit(await command.run(args));
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : error);
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}
