// Imported as text, so that a compiled binary carries them.

import type { MailKind } from "../domain/mail-kinds.ts";
import layoutHtml from "./layout.html.eta" with { type: "text" };
import layoutTxt from "./layout.txt.eta" with { type: "text" };
import orderCancelledHtml from "./order.cancelled.html.eta" with { type: "text" };
import orderCancelledTxt from "./order.cancelled.txt.eta" with { type: "text" };
import orderConfirmedHtml from "./order.confirmed.html.eta" with { type: "text" };
import orderConfirmedTxt from "./order.confirmed.txt.eta" with { type: "text" };
import orderCreatedHtml from "./order.created.html.eta" with { type: "text" };
import orderCreatedTxt from "./order.created.txt.eta" with { type: "text" };
import orderDeliveredHtml from "./order.delivered.html.eta" with { type: "text" };
import orderDeliveredTxt from "./order.delivered.txt.eta" with { type: "text" };
import orderRejectedHtml from "./order.rejected.html.eta" with { type: "text" };
import orderRejectedTxt from "./order.rejected.txt.eta" with { type: "text" };
import orderShippedHtml from "./order.shipped.html.eta" with { type: "text" };
import orderShippedTxt from "./order.shipped.txt.eta" with { type: "text" };
import stockLowHtml from "./stock.low.html.eta" with { type: "text" };
import stockLowTxt from "./stock.low.txt.eta" with { type: "text" };

type Templates = Record<MailKind | "layout", string>;

export const htmlTemplates: Templates = {
  layout: layoutHtml,
  "order.created": orderCreatedHtml,
  "order.confirmed": orderConfirmedHtml,
  "order.rejected": orderRejectedHtml,
  "order.shipped": orderShippedHtml,
  "order.delivered": orderDeliveredHtml,
  "order.cancelled": orderCancelledHtml,
  "stock.low": stockLowHtml,
};

export const textTemplates: Templates = {
  layout: layoutTxt,
  "order.created": orderCreatedTxt,
  "order.confirmed": orderConfirmedTxt,
  "order.rejected": orderRejectedTxt,
  "order.shipped": orderShippedTxt,
  "order.delivered": orderDeliveredTxt,
  "order.cancelled": orderCancelledTxt,
  "stock.low": stockLowTxt,
};
