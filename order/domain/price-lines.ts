import { Refusal } from "@orderflow/common/errors";
import type { OrderLine, StockLine } from "@orderflow/common/events/values";
import { type Money, times } from "@orderflow/common/money";

/** What inventory says of an active SKU at this moment. */
export type Quote = { sku: string; name: string; unitPrice: Money; available: number };

/** The most an order may come to, in minor units: what `Money` holds. */
export const maxTotalMinor = 1_000_000_000_000;

/**
 * Gives each line its name and price from the quotes, never from the caller.
 * Refuses with unknown_sku, out_of_stock, mixed_currencies or total_too_large. Availability is a first answer only: inventory reserves later.
 */
export function priceLines(lines: StockLine[], quotes: ReadonlyMap<string, Quote>): OrderLine[] {
  const priced = lines.map((line) => priceLine(line, quotes.get(line.sku)));
  const currencies = new Set(priced.map((line) => line.unitPrice.currency));
  if (currencies.size > 1) {
    throw new Refusal("mixed_currencies", `One order has one currency, these lines have ${[...currencies].join(", ")}`);
  }
  if (totalOf(priced).amountMinor > maxTotalMinor) {
    throw new Refusal("total_too_large", `An order may come to at most ${maxTotalMinor} minor units`);
  }
  return priced;
}

/** The sum of the lines, in minor units of their one currency. */
export function totalOf(lines: OrderLine[]): Money {
  const [first] = lines;
  if (!first) throw new Error("An order without lines has no currency");
  const amountMinor = lines.reduce((sum, line) => sum + times(line.unitPrice, line.quantity).amountMinor, 0);
  return { amountMinor, currency: first.unitPrice.currency };
}

function priceLine(line: StockLine, quote: Quote | undefined): OrderLine {
  if (!quote) throw new Refusal("unknown_sku", `There is no product ${line.sku}`);
  if (quote.available < line.quantity) {
    throw new Refusal(
      "out_of_stock",
      `Only ${quote.available} of ${line.sku} are available, ${line.quantity} were asked for`,
    );
  }
  return { sku: line.sku, name: quote.name, quantity: line.quantity, unitPrice: quote.unitPrice };
}
