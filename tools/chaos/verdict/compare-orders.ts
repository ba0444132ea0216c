import type { Testimony } from "../clients/witness.ts";
import type { Books } from "./open-books.ts";

export type StoredOrder = { id: string; status: string; totalMinor: number; mark: string; lines: string };

export type OrderFindings = {
  accepted: number;
  refused: number;
  stored: StoredOrder[];
  /** Accepted, and not there, not as it was answered, or not cancelled although that was. */
  lost: string[];
  /** One key, more than one order. */
  duplicated: string[];
  /** There, although it was refused, or nobody asked for it. */
  uninvited: string[];
  unanswered: number;
};

/** What clients were told against what is stored. */
export async function compareOrders(books: Books, testimonies: Testimony[]): Promise<OrderFindings> {
  const stored = await readOrders(books);
  const byMark = Map.groupBy(stored, ({ mark }) => mark);
  const byId = new Map(stored.map((order) => [order.id, order]));
  const placed = testimonies.filter((each) => each.call === "place");
  const answers = Map.groupBy(placed, ({ mark }) => mark);
  const findings: OrderFindings = {
    ...{ accepted: 0, refused: 0, unanswered: 0 },
    ...{ stored, lost: [], duplicated: [], uninvited: [] },
  };

  for (const [mark, told] of answers) {
    const orders = byMark.get(mark) ?? [];
    const accepted = told.filter(({ outcome }) => outcome === "accepted");
    if (orders.length > 1) findings.duplicated.push(`${mark}: orders ${orders.map(({ id }) => id).join(", ")}`);
    if (accepted.length > 0) {
      findings.accepted++;
      if (new Set(accepted.map((each) => each.outcome === "accepted" && each.orderId)).size > 1)
        findings.duplicated.push(`${mark}: one key was answered with different orders`);
      findings.lost.push(...accepted.flatMap((each) => problemOf(each, byId)));
    } else if (told.some(({ outcome }) => outcome === "refused")) {
      findings.refused++;
      if (orders.length > 0) findings.uninvited.push(`${mark}: refused, and stored as ${orders[0]?.id}`);
    } else findings.unanswered++;
  }
  for (const { id, mark } of stored) if (!answers.has(mark)) findings.uninvited.push(`${id}: nobody asked for it`);
  findings.lost.push(...cancelledInVain(testimonies, byId));
  return findings;
}

function problemOf(told: Testimony, byId: Map<string, StoredOrder>): string[] {
  if (told.call !== "place" || told.outcome !== "accepted") return [];
  const order = byId.get(told.orderId ?? "");
  if (!order) return [`${told.mark}: accepted as ${told.orderId}, which is not there`];
  const wanted = linesOf(told.request.lines.map(({ sku, quantity }) => `${sku}×${quantity}`));
  const isAsTold = order.mark === told.mark && order.totalMinor === told.totalMinor && order.lines === wanted;
  return isAsTold ? [] : [`${told.mark}: ${order.id} is stored with ${order.lines}, ${order.totalMinor}`];
}

function cancelledInVain(testimonies: Testimony[], byId: Map<string, StoredOrder>): string[] {
  return testimonies.flatMap((told) => {
    if (told.call !== "cancel" || told.outcome !== "accepted") return [];
    const status = byId.get(told.orderId)?.status;
    return status === "cancelled" ? [] : [`${told.orderId}: its cancellation was accepted, it is ${status}`];
  });
}

async function readOrders({ order }: Books): Promise<StoredOrder[]> {
  const rows = await order<(Omit<StoredOrder, "totalMinor" | "lines"> & { total: string; lines: string[] })[]>`
    select id, status, total_minor as total, coalesce(shipping_address->>'line2', '') as mark,
      (select array_agg(sku || '×' || quantity) from order_line where order_id = id) as lines
    from customer_order where shipping_address->>'line2' like 'chaos %'`;
  return rows.map(({ total, lines, ...row }) => ({ ...row, totalMinor: Number(total), lines: linesOf(lines) }));
}

const linesOf = (lines: string[]) => lines.toSorted().join(" ");
