import { readFileSync } from "node:fs";
import type { z } from "zod";

export type Environment = Record<string, string | undefined>;
export type Setting<Schema extends z.ZodType> = { names: readonly string[]; schema: Schema };
export type Settings = Record<string, Setting<z.ZodType>>;
export type ConfigOf<S extends Settings> = { [Name in keyof S]: z.output<S[Name]["schema"]> };

/** Names every setting that is wrong and what is expected of it, never what was given. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? "1 setting is" : `${problems.length} settings are`;
    super(`${count} wrong:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

/** A value that comes from the first of these variables that is set. */
export function setting<Schema extends z.ZodType>(names: string | readonly string[], schema: Schema): Setting<Schema> {
  return { names: typeof names === "string" ? [names] : names, schema };
}

/**
 * Each variable `NAME` may be given as `NAME_FILE`, the path of a file with the value, as container secrets are.
 * An empty variable counts as not set. Throws a ConfigError with everything that is wrong at once.
 */
export function readConfig<S extends Settings>(environment: Environment, settings: S): ConfigOf<S> {
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [field, { names, schema }] of Object.entries(settings)) {
    const found = findValue(environment, names);
    if ("problem" in found) {
      problems.push(found.problem);
      continue;
    }
    const parsed = schema.safeParse(found.value);
    if (parsed.success) config[field] = parsed.data;
    else problems.push(`${found.name}: ${expectation(parsed.error, found.value)}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config as ConfigOf<S>;
}

type Found = { name: string; value: string | undefined } | { problem: string };

function findValue(environment: Environment, names: readonly string[]): Found {
  for (const name of names) {
    const value = environment[name] || undefined;
    const path = environment[`${name}_FILE`] || undefined;
    if (value !== undefined && path !== undefined)
      return { problem: `${name}: given twice, set either ${name} or ${name}_FILE` };
    if (value !== undefined) return { name, value };
    if (path !== undefined) return readValue(`${name}_FILE`, path);
  }
  return { name: names.join(" or "), value: undefined };
}

function readValue(name: string, path: string): Found {
  try {
    return { name, value: readFileSync(path, "utf8").replace(/\r?\n$/, "") };
  } catch {
    return { problem: `${name}: expected the path of a file that can be read` };
  }
}

function expectation(error: z.ZodError, value: string | undefined): string {
  if (value === undefined) return "is required and not set";
  return error.issues.map((issue) => issue.message).join("; ");
}
