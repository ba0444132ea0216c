import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { UsageError } from "../usage-error.ts";

type Bounds = { min: number; max: number };

/** The value of an option that is a whole number. Throws UsageError naming the option and its bounds. */
export function wholeNumber(option: string, text: string, { min, max }: Bounds): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${option} is a whole number from ${min} to ${max}, not "${text}"`);
}

/** The same of one that may have a fraction. */
export function fraction(option: string, text: string, { min, max }: Bounds): number {
  const value = Number(text);
  if (/^\d+(?:\.\d+)?$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${option} is a number from ${min} to ${max}, not "${text}"`);
}

/** The options of a command that takes nothing else. Throws UsageError naming what is not one. */
export function readOptions<Options extends ParseArgsOptionsConfig>(args: string[], options: Options) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
