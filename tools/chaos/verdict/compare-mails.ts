import type { Books } from "./open-books.ts";

export type MailFindings = {
  wanted: number;
  missing: string[];
  /** Two mails of one event, by their Message-IDs: never allowed. */
  doubled: string[];
  /** The same mail again, by its Message-ID: allowed where its sender died between the server's 250 and its own commit. */
  copies: number;
  uninvited: string[];
};

type Mark = { headers: Record<string, string>; copies: number };

const told = [
  "order.created",
  "order.confirmed",
  "order.rejected",
  "order.shipped",
  "order.delivered",
  "order.cancelled",
];

/** One mail for each step of each order. */
export async function compareMails({ order }: Books, mailbox: string): Promise<MailFindings> {
  const events = await order<{ step: string }[]>`
    select key || ' ' || type as step from event where stream = 'order' and type = any(${told})`;
  const wanted = new Set(events.map(({ step }) => step));
  const marks = (await (await fetch(`${mailbox}/marks`)).json()) as Mark[];
  const caught = Map.groupBy(
    marks.filter(({ headers }) => headers["x-orderflow-order"]),
    ({ headers }) => `${headers["x-orderflow-order"]} ${headers["x-orderflow-event"]}`,
  );
  return {
    wanted: wanted.size,
    missing: [...wanted].filter((step) => !caught.has(step)),
    doubled: [...caught]
      .filter(([, mails]) => mails.length > 1)
      .map(([step, mails]) => `${step}: ${mails.length} mails`),
    copies: marks.reduce((sum, { copies }) => sum + copies - 1, 0),
    uninvited: [...caught.keys()].filter((step) => !wanted.has(step)),
  };
}
