import { readOptions, wholeNumber } from "../install/read-options.ts";

export type AuditOptions = {
  isSettled: boolean;
  allowsDeadLetters: boolean;
  maxExamples: number;
  timeoutMs: number;
  json?: string;
  metrics?: string;
};

export const auditHelp = `Usage: bun run audit [options]

Checks, reading only, that nothing is lost, doubled or oversold: every invariant of each service's database, and those
between them. The system may go on working meanwhile. Exits with 0 when all hold, with 1 when one does not or could
not be checked.

  --settled              the system is at rest: nothing may be on its way any more
  --allow-dead-letters   dead letters and jobs without attempts left are shown, and do not make it fail
  --examples N           violations of each invariant to show, 0 to 1000 (default 10)
  --timeout-s N          for the checks of one service, and for one statement (default 600)
  --json FILE            writes the table, and the violations, as JSON
  --metrics FILE         writes it for Prometheus (the textfile collector of its node exporter)
  --help                 this text

The databases are those that the environment names (ORDER_DATABASE_URL, …, or DATABASE_URL for a server that holds them
all), else those of the running \`bun run up\`. On a large shop name replicas: a check of minutes on the primary keeps
its vacuum waiting.`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  ...{ settled: flag, "allow-dead-letters": flag },
  ...{ examples: text, "timeout-s": text, json: text, metrics: text },
};

/** Throws UsageError naming what is wrong. */
export function parseAuditOptions(args: string[]): AuditOptions {
  const values = readOptions(args, options);
  return {
    isSettled: values.settled ?? false,
    allowsDeadLetters: values["allow-dead-letters"] ?? false,
    maxExamples: wholeNumber("--examples", values.examples ?? "10", { min: 0, max: 1_000 }),
    timeoutMs: wholeNumber("--timeout-s", values["timeout-s"] ?? "600", { min: 1, max: 86_400 }) * 1_000,
    ...(values.json ? { json: values.json } : {}),
    ...(values.metrics ? { metrics: values.metrics } : {}),
  };
}
