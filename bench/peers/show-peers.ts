import { textTable } from "@orderflow/tools/format/text-table";
import type { BuyOut, Measured } from "./measure-shop.ts";
import type { Books, ShopSoftware } from "./shop.ts";

/** What was seen of one shop. */
export type PeerReport = Pick<ShopSoftware, "name" | "version" | "requestsPerOrder"> & {
  rows: Measured[];
  /** After the rows, before anything sold out. */
  books: Books;
  buyOut: BuyOut;
};

export function showPeers(reports: PeerReport[]): string {
  const head = ["shop", "clients", "requests", "orders/s", "p50 ms", "p99 ms", "CPU ms/order", "of which", "failed"];
  const rows = reports.flatMap((report) => report.rows.map((row) => toRow(report, row)));
  return textTable([head, ...rows]);
}

/** Whether the orders of the rows hold what the stock says, and whether the last units were sold once. */
export function showBooks(reports: PeerReport[]): string {
  const head = ["shop", "orders", "units in them", "reserved", "last units", "sold", "reserved", "failed"];
  const rows = reports.map(({ name, version, books, buyOut }) => [
    `${name} ${version}`,
    ...[books.orders, books.units, books.reserved, buyOut.units, buyOut.sold, buyOut.reserved, buyOut.failed].map(
      String,
    ),
  ]);
  return textTable([head, ...rows]);
}

function toRow({ name, version, requestsPerOrder }: PeerReport, row: Measured): string[] {
  const parts = Object.entries(row.cpuMs).filter(([part]) => part !== "load");
  const together = parts.reduce((sum, [, ms]) => sum + ms, 0);
  return [
    `${name} ${version}`,
    String(row.clients),
    String(requestsPerOrder),
    digits(row.ordersPerS),
    row.ms.p50.toFixed(0),
    row.ms.p99.toFixed(0),
    digits(together),
    parts.map(([part, ms]) => `${part} ${digits(ms)}`).join(", "),
    String(row.failed),
  ];
}

/** Shops differ by a hundred times. */
function digits(value: number): string {
  return value < 100 ? value.toPrecision(3) : value.toFixed(0);
}
