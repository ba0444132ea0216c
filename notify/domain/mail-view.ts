import { catalog, type EventData } from "@orderflow/common/events/catalog";
import type { OrderLine } from "@orderflow/common/events/values";
import { formatMoney, times } from "@orderflow/common/money";
import type { Delivery } from "./delivery.ts";
import type { MailKind } from "./mail-kinds.ts";

export type MailFact = { [K in MailKind]: { kind: K; data: EventData<K> } }[MailKind];

/** What the templates show: words and formatted amounts, not yet escaped. */
export type MailView = {
  kind: MailKind;
  subject: string;
  /** One sentence that mail clients show beside the subject. */
  preview: string;
  data: MailFact["data"];
  lines: { name: string; sku: string; quantity: number; amount: string }[];
  total: string;
};

/** @throws ZodError when the stored data is not what its kind promises. */
export function mailView(delivery: Pick<Delivery, "kind" | "data">): MailView {
  const told = { kind: delivery.kind, data: catalog[delivery.kind].schema.parse(delivery.data) } as MailFact;
  const { subject, preview } = headline(told);
  const lines = told.kind === "order.created" ? told.data.lines.map(lineView) : [];
  const total = told.kind === "stock.low" ? "" : formatMoney(told.data.total);
  return { kind: told.kind, subject: oneLine(subject), preview: oneLine(preview), data: told.data, lines, total };
}

function headline({ kind, data }: MailFact): { subject: string; preview: string } {
  switch (kind) {
    case "order.created":
      return { subject: `We received your order ${data.number}`, preview: "Thank you. We are checking our stock now." };
    case "order.confirmed":
      return { subject: `Your order ${data.number} is confirmed`, preview: "Everything is reserved for you." };
    case "order.rejected":
      return { subject: `We cannot fill your order ${data.number}`, preview: "We are sorry. You were not charged." };
    case "order.shipped":
      return {
        subject: `Your order ${data.number} is on its way`,
        preview: `Tracking number ${data.trackingNumber}`,
      };
    case "order.delivered":
      return { subject: `Your order ${data.number} was delivered`, preview: "We hope you enjoy it." };
    case "order.cancelled":
      return { subject: `Your order ${data.number} is cancelled`, preview: "Nothing will be sent." };
    case "stock.low":
      return { subject: `Low stock: ${data.sku}`, preview: `${data.available} left of ${data.name}` };
  }
}

function lineView({ name, sku, quantity, unitPrice }: OrderLine) {
  return { name, sku, quantity, amount: formatMoney(times(unitPrice, quantity)) };
}

/** A header is one line: a line break in a name would start a header of the sender's choice. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed.
  return text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, " ").trim();
}
