/** What a mail can be about: the type of the event that it tells of. */
export const orderMailKinds = [
  "order.created",
  "order.confirmed",
  "order.rejected",
  "order.shipped",
  "order.delivered",
  "order.cancelled",
] as const;
export type OrderMailKind = (typeof orderMailKinds)[number];

export const mailKinds = [...orderMailKinds, "stock.low"] as const;
export type MailKind = (typeof mailKinds)[number];
