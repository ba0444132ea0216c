import { textTable } from "@orderflow/tools/format/text-table";
import type { Measured } from "./measure-row.ts";
import type { Sold } from "./sell-out.ts";

export type BenchRow = Measured & {
  /** What PostgreSQL takes one transaction each, with as many clients. */
  limitOrdersPerS: number;
  /** Of `ordersPerS` to that. */
  ratio: number;
  /** After the scenario. */
  audit: "clean" | "violated";
  /** In `scarce`, once all of its rows were measured. */
  sold?: Sold;
};

const headings = [
  ...["scenario", "clients", "orders/s", "confirmed/s", "limit/s", "ratio", "p50 ms", "p95", "p99", "max"],
  ...[
    "CPU ms/order",
    "until all is sent",
    "batch",
    "confirmed after p50 ms",
    "p99",
    "mail queued p50 ms",
    "p99",
    "refused",
    "failed",
    "audit",
  ],
];

export function showRows(rows: BenchRow[]): string {
  return textTable([headings, ...rows.map(cells)]);
}

/** Where the CPU of an order goes, and what each part holds. */
export function showParts(rows: BenchRow[]): string {
  const parts = Object.keys(rows[0]?.cpuMs ?? {});
  const head = ["scenario", "clients", ...parts.map((part) => `${part} ms, MB`), "load ms"];
  const lines = rows.map(({ scenario, clients, cpuMs, memoryMb, loadCpuMsPerOrder }) => [
    scenario,
    String(clients),
    ...parts.map((part) => `${fixed(cpuMs[part], 3)}, ${fixed(memoryMb[part], 0)}`),
    fixed(loadCpuMsPerOrder, 3),
  ]);
  return textTable([head, ...lines]);
}

function cells(row: BenchRow): string[] {
  const { confirmed, mailQueued } = row.delays;
  return [
    row.scenario,
    String(row.clients),
    ...[row.ordersPerS, row.confirmedPerS, row.limitOrdersPerS].map((value) => fixed(value, 0)),
    fixed(row.ratio, 2),
    ...[row.p50Ms, row.p95Ms, row.p99Ms, row.maxMs].map((value) => fixed(value, 1)),
    fixed(row.cpuMsPerOrder, 3),
    fixed(row.settledCpuMsPerOrder, 2),
    fixed(row.ordersPerBatch, 1),
    ...[confirmed.p50, confirmed.p99, mailQueued.p50, mailQueued.p99].map((value) => fixed(value, 0)),
    String(row.refused),
    String(row.failed),
    row.audit,
  ];
}

function fixed(value: number | undefined, digits: number): string {
  return (value ?? 0).toFixed(digits);
}
