import { faultPointNames } from "@orderflow/common/fault-points";
import { textTable } from "../format/text-table.ts";
import type { Availability, Latency } from "./clients/call-log.ts";
import type { Injected } from "./faults/run-schedule.ts";
import type { Unrest } from "./verdict/await-rest.ts";
import { complaints, type Verdict } from "./verdict/judge.ts";

export type ChaosOutcome = {
  title: string;
  loadMs: number;
  restMs: number;
  left: Unrest;
  injected: Injected[];
  askedAgain: number;
  refusedMails: number;
  availability: Availability;
  latency: Record<string, Latency>;
  firstTryLatency: Record<string, Latency>;
  /** By how many processes each point was reached. */
  faultPoints: Record<string, number>;
  verdict: Verdict;
};

export function isUpheld({ verdict, left }: ChaosOutcome): boolean {
  const isAtRest = left.orders + left.events + left.jobs + left.mails === 0;
  return isAtRest && left.exhaustedJobs === 0 && complaints(verdict).length === 0;
}

const shownComplaints = 30;

/** One table for faults, one for what came of them, and below them what went wrong. */
export function showOutcome(outcome: ChaosOutcome): string {
  const wrong = complaints(outcome.verdict);
  const rest = isAtRestText(outcome);
  const never = faultPointNames.filter((name) => !outcome.faultPoints[name]);
  return [
    textTable(faultRows(outcome.injected)),
    textTable(resultRows(outcome)),
    textTable(latencyRows(outcome)),
    `Fault points inside the services: ${
      Object.entries(outcome.faultPoints)
        .map(([name, count]) => `${name} (${count} processes)`)
        .join(", ") || "none reached"
    }.`,
    never.length > 0 ? `Never reached: ${never.join(", ")}.` : "",
    "Not injected: steps of the clock.",
    ...(wrong.length > 0 ? [wrong.slice(0, shownComplaints).join("\n")] : []),
    ...(rest ? [rest] : []),
    isUpheld(outcome)
      ? "Nothing was lost, doubled or oversold, and the audit is clean."
      : `${wrong.length} complaints.`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function isAtRestText({ left }: ChaosOutcome): string {
  const { orders, events, jobs, exhaustedJobs, mails } = left;
  if (orders + events + jobs + mails + exhaustedJobs === 0) return "";
  return `It did not come to rest: ${JSON.stringify(left)}`;
}

function faultRows(injected: Injected[]): string[][] {
  const byKind = Map.groupBy(injected, ({ kind }) => kind);
  const rows = [...byKind]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, faults]) => {
      const { median, max } = spread(faults.map(({ confirmedAfterMs }) => confirmedAfterMs));
      const mailed = kind.startsWith("smtp") ? spread(faults.map(({ mailedAfterMs }) => mailedAfterMs)) : undefined;
      const inVain = faults.filter(({ did }) => did === undefined).length;
      const counts = [String(faults.length - inVain), inVain > 0 ? String(inVain) : ""];
      return [kind, ...counts, median, max, mailed ? `${mailed.median} / ${mailed.max}` : ""];
    });
  const header = ["fault", "times", "in vain", "confirmed after, median", "longest", "mailed after, median / longest"];
  const effective = injected.filter(({ did }) => did !== undefined).length;
  return [header, ...rows, ["all", String(effective)]];
}

function spread(values: (number | undefined)[]): { median: string; max: string } {
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b);
  return { median: seconds(sorted[sorted.length >> 1]), max: seconds(sorted.at(-1)) };
}

function seconds(ms: number | undefined): string {
  return ms === undefined || ms === Number.POSITIVE_INFINITY ? "over 60 s" : `${(ms / 1_000).toFixed(2)} s`;
}

function resultRows({ verdict, availability, askedAgain, refusedMails, loadMs, restMs }: ChaosOutcome): string[][] {
  const { orders, stock, mails, audit } = verdict;
  const { calls, answeredAtFirstTry, longestGapMs } = availability;
  const count = (value: number) => value.toLocaleString("en");
  return [
    ["orders accepted / refused", `${count(orders.accepted)} / ${count(orders.refused)}`],
    ["lost", count(orders.lost.length)],
    ["duplicated", count(orders.duplicated.length)],
    ["there though refused or never asked for", count(orders.uninvited.length)],
    ["units sold / oversold SKUs", `${count(stock.unitsSold)} / ${stock.oversold.length}`],
    ["stock adjustments / miscounted SKUs", `${count(stock.adjusted)} / ${stock.miscounted.length}`],
    ["mails wanted / missing / doubled", `${count(mails.wanted)} / ${mails.missing.length} / ${mails.doubled.length}`],
    ["same mail again after a death or a cut at its 250", count(mails.copies)],
    ["mails a server refused with 5xx, then sent by an operator", count(refusedMails)],
    ["audit", audit.isClean ? `clean (${audit.invariants} invariants)` : `${audit.violations.length} violated`],
    ["calls / answered at first try", `${count(calls)} / ${((answeredAtFirstTry / calls) * 100).toFixed(2)} %`],
    ["longest time without an answer to anybody", seconds(longestGapMs)],
    ["calls without an answer, asked again at the end", count(askedAgain)],
    ["load / until at rest", `${seconds(loadMs)} / ${seconds(restMs)}`],
  ];
}

function latencyRows({ latency, firstTryLatency }: ChaosOutcome): string[][] {
  const rows = Object.entries(latency).map(([name, { calls, p50Ms, p99Ms, maxMs }]) => {
    const first = firstTryLatency[name];
    return [
      name,
      String(calls),
      `${p50Ms} ms`,
      `${p99Ms} ms`,
      `${maxMs} ms`,
      `${first?.p50Ms ?? "–"} / ${first?.p99Ms ?? "–"} ms`,
    ];
  });
  return [["call, with its retries", "answers", "p50", "p99", "longest", "at first try p50 / p99"], ...rows];
}

/** The JSON says how many orders there were, not each of them. */
export async function writeOutcome(file: string, outcome: ChaosOutcome & { schedule?: unknown }): Promise<void> {
  const shortened = (key: string, value: unknown) => (key === "stored" || key === "output" ? undefined : value);
  await Bun.write(file, `${JSON.stringify({ isUpheld: isUpheld(outcome), ...outcome }, shortened, 2)}\n`);
}
