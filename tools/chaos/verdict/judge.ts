import type { Product } from "../clients/visits.ts";
import type { Witness } from "../clients/witness.ts";
import { compareMails, type MailFindings } from "./compare-mails.ts";
import { compareOrders, type OrderFindings } from "./compare-orders.ts";
import { compareStock, type StockFindings } from "./compare-stock.ts";
import { withBooks } from "./open-books.ts";
import { type ChildAudit, runChildAudit } from "./run-child-audit.ts";

export type Verdict = { orders: OrderFindings; stock: StockFindings; mails: MailFindings; audit: ChildAudit };

type Evidence = { adminUrl: string; mailbox: string; state: string; witness: Witness; products: Product[] };

/** Takes the witness's file against the databases and the mailbox, and lets the audit have its say. */
export async function judge({ adminUrl, mailbox, state, witness, products }: Evidence): Promise<Verdict> {
  const testimonies = witness.readAll();
  const audit = await runChildAudit(state);
  return await withBooks(adminUrl, async (books) => {
    const orders = await compareOrders(books, testimonies);
    const stock = await compareStock(books, { products, orders: orders.stored, testimonies });
    return { orders, stock, mails: await compareMails(books, mailbox), audit };
  });
}

/** Everything that must not be, in words; empty when the system kept what it promised. */
export function complaints({ orders, stock, mails, audit }: Verdict): string[] {
  const of = (title: string, found: string[]) => found.map((each) => `${title}: ${each}`);
  return [
    ...of("lost", orders.lost),
    ...of("duplicated", orders.duplicated),
    ...of("uninvited", orders.uninvited),
    ...(orders.unanswered > 0 ? [`${orders.unanswered} calls were never answered`] : []),
    ...of("oversold", stock.oversold),
    ...of("miscounted", stock.miscounted),
    ...of("mail missing", mails.missing),
    ...of("mail doubled", mails.doubled),
    ...of("mail uninvited", mails.uninvited),
    ...of("audit", audit.isClean ? [] : audit.violations),
  ];
}
