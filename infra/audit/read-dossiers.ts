import type postgres from "postgres";
import { type Dossier, emptyDossier, type LogEntry, type Units } from "./dossier.ts";
import { mergeSorted } from "./merge-sorted.ts";
import { type AuditedService, auditedServices, partsQuery } from "./parts-sql.ts";
import type { Snapshots } from "./snapshots.ts";

type Part = [part: string, value: unknown];
type Row = { key: string; parts: Part[] };

const rowsAtOnce = 1_000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * All orders one after another, each with what the four databases hold of it; with `orderIds` only those. Holds some
 * thousand rows at a time, however many there are.
 */
export async function* readDossiers({ connections }: Snapshots, orderIds?: string[]): AsyncGenerator<Dossier> {
  const sources = auditedServices.map((service) => readParts(connections[service], service, orderIds));
  for await (const { key, found } of mergeSorted(sources)) {
    if (!uuid.test(key)) continue;
    const dossier = emptyDossier(key);
    for (const [index, row] of found) for (const part of row.parts) file(dossier, auditedServices[index], part);
    const logs = [dossier.orderLog, dossier.stockLog, dossier.shipmentLog];
    for (const log of logs) log.sort((a, b) => a.position - b.position);
    yield dossier;
  }
}

async function* readParts(sql: postgres.ReservedSql, service: AuditedService, ids?: string[]): AsyncGenerator<Row> {
  const query = sql.unsafe<Row[]>(partsQuery(service), [ids ? JSON.stringify(ids) : null]);
  for await (const rows of query.cursor(rowsAtOnce)) yield* rows;
}

function file(dossier: Dossier, service: AuditedService | undefined, [part, value]: Part): void {
  if (part === "event") logOf(dossier, service).push(toEntry(value));
  else if (part === "letter") dossier.setAside.push({ consumer: service ?? "", stream: value as string });
  else if (part === "order") dossier.order = toOrder(value as NonNullable<Dossier["order"]>);
  else if (part === "lost") dossier.lostEvents.push(value as string);
  else if (part === "line") addUnits(dossier.lines, value as [string, number]);
  else if (part === "reservation") dossier.reservations.push(value as Dossier["reservations"][number]);
  else if (part === "delivery") dossier.deliveries.push(value as Dossier["deliveries"][number]);
  else if (part === "shipment") dossier.shipments.push(toShipment(value as StoredShipment));
  else if (part === "exhausted") dossier.hasExhaustedJob = true;
}

function logOf(dossier: Dossier, service: AuditedService | undefined): LogEntry[] {
  if (service === "order") return dossier.orderLog;
  return service === "inventory" ? dossier.stockLog : dossier.shipmentLog;
}

function toEntry(value: unknown): LogEntry {
  const [stream, position, id, type] = value as [string, number, string, string];
  return { stream, position, id, type };
}

/** As JavaScript writes an instant, so that two compare as text. */
function toOrder({ status, placedAt }: NonNullable<Dossier["order"]>): NonNullable<Dossier["order"]> {
  return { status, placedAt: new Date(placedAt).toISOString() };
}

type StoredShipment = { status: string; lines: { sku: string; quantity: number }[] };

function toShipment({ status, lines }: StoredShipment): Dossier["shipments"][number] {
  const units: Units = {};
  for (const { sku, quantity } of lines) addUnits(units, [sku, quantity]);
  return { status, lines: units };
}

function addUnits(units: Units, [sku, quantity]: [string, number]): void {
  units[sku] = (units[sku] ?? 0) + quantity;
}
