import { UsageError } from "@orderflow/tools/install/usage-error";

/** The value of an option that is a whole number. Throws UsageError naming the option and its bounds. */
export function wholeNumber(option: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${option} is a whole number from ${min} to ${max}, not "${text}"`);
}
