import { expect, test } from "bun:test";
import { Refusal } from "@orderflow/common/errors";
import { maxTotalMinor, priceLines, type Quote, totalOf } from "./price-lines.ts";

const tea: Quote = { sku: "TEA-1", name: "Green tea", unitPrice: { amountMinor: 450, currency: "EUR" }, available: 5 };
const cup: Quote = { sku: "CUP-1", name: "Cup", unitPrice: { amountMinor: 900, currency: "EUR" }, available: 5 };
const book: Quote = { sku: "BOOK-1", name: "Book", unitPrice: { amountMinor: 900, currency: "USD" }, available: 5 };
const ship: Quote = {
  sku: "SHIP-1",
  name: "Ship",
  unitPrice: { amountMinor: maxTotalMinor, currency: "EUR" },
  available: 5,
};
const quotes = new Map([tea, cup, book, ship].map((quote) => [quote.sku, quote]));

test("name and price come from the quote", () => {
  const lines = priceLines(
    [
      { sku: "TEA-1", quantity: 5 },
      { sku: "CUP-1", quantity: 1 },
    ],
    quotes,
  );
  expect(lines).toEqual([
    { sku: "TEA-1", name: "Green tea", quantity: 5, unitPrice: tea.unitPrice },
    { sku: "CUP-1", name: "Cup", quantity: 1, unitPrice: cup.unitPrice },
  ]);
  expect(totalOf(lines)).toEqual({ amountMinor: 3_150, currency: "EUR" });
});

test.each([
  ["an unknown SKU", ["TEA-1", "NONE-1"], 1, "unknown_sku", "There is no product NONE-1"],
  ["more than is available", ["CUP-1", "TEA-1"], 6, "out_of_stock", "Only 5 of CUP-1 are available, 6 were asked for"],
  [
    "two currencies",
    ["TEA-1", "BOOK-1"],
    1,
    "mixed_currencies",
    "One order has one currency, these lines have EUR, USD",
  ],
  [
    "more than money can hold",
    ["SHIP-1"],
    2,
    "total_too_large",
    "An order may come to at most 1000000000000 minor units",
  ],
])("%s is refused", (_, skus, quantity, reason, message) => {
  const refused = () =>
    priceLines(
      skus.map((sku) => ({ sku, quantity })),
      quotes,
    );
  expect(refused).toThrow(Refusal);
  expect(refused).toThrow(expect.objectContaining({ reason, message }));
});
