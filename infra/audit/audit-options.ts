import { readOptions, wholeNumber } from "../command-line/read-options.ts";
import type { Counter } from "../operator/command-help.ts";
import { UsageError } from "../usage-error.ts";

export type AuditOptions = {
  isSettled: boolean;
  allowsDeadLetters: boolean;
  maxExamples: number;
  timeoutMs: number;
  json?: string;
  metrics?: string;
};

export const auditHelp = ({ call, databases }: Counter) => `Usage: ${call("audit")} [options]

Checks, reading only, that nothing is lost, doubled or oversold: every invariant of each service's database, and those
between them. The system may go on working meanwhile. Exits with 0 when all hold, with 1 when one does not or could
not be checked.

  --settled              the system is at rest: nothing may be on its way any more
  --allow-dead-letters   dead letters and jobs without attempts left are shown, and do not make it fail
  --examples N           violations of each invariant to show, 0 to 1000 (default 10)
  --timeout-s N          for the checks of one service, and for one statement (default 600)
  --json FILE            writes the table, and the violations, as JSON
  --metrics FILE         writes it for Prometheus (the textfile collector of its node exporter)
                         Either may be -, for the standard output, where the table is left out then
  --help                 this text

${databases} On a large shop name replicas: a check of minutes on the primary keeps
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
  if (values.json === "-" && values.metrics === "-") throw new UsageError("One of --json and --metrics may be -");
  return {
    isSettled: values.settled ?? false,
    allowsDeadLetters: values["allow-dead-letters"] ?? false,
    maxExamples: wholeNumber("--examples", values.examples ?? "10", { min: 0, max: 1_000 }),
    timeoutMs: wholeNumber("--timeout-s", values["timeout-s"] ?? "600", { min: 1, max: 86_400 }) * 1_000,
    ...(values.json ? { json: values.json } : {}),
    ...(values.metrics ? { metrics: values.metrics } : {}),
  };
}
