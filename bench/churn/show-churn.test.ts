import { expect, test } from "bun:test";
import { parseChurnOptions } from "./churn-options.ts";
import type { TableLook } from "./look-at-tables.ts";
import { isBloated, tableLives, timesPacked } from "./show-churn.ts";

const megabyte = 1_048_576;
const look = (rest: Partial<TableLook>): TableLook => ({
  ...{ table: "order.stream", rows: 2, dead: 0, updates: 1_000, hotUpdates: 1_000, deletes: 0 },
  ...{ heap: megabyte, indexes: megabyte, ...rest },
});

test("a table's life is all looks at it and its packed size; one that hardly changes is left out", () => {
  const looks = [
    [look({ dead: 5 }), look({ table: "order.order_line", updates: 0 })],
    [look({ dead: 3, heap: 2 * megabyte }), look({ table: "order.order_line", updates: 0 })],
  ];
  const [life, ...others] = tableLives(looks, [look({ indexes: 0 })]);
  expect(others).toEqual([]);
  expect(life).toMatchObject({ table: "order.stream", looks: [{ dead: 5 }, { dead: 3 }], packed: { indexes: 0 } });
  expect(life && timesPacked(life)).toBe(3);
});

test.each([
  ["more than twice its packed size", { heap: 3 * megabyte }, true],
  ["up to twice", { heap: 2 * megabyte, indexes: 2 * megabyte }, false],
  ["a handful of pages, whatever they hold", { heap: 200_000, indexes: 200_000 }, false],
])("bloated or not: %s", (_, last, expected) => {
  const packed = look({ heap: 1.9 * megabyte * (expected ? 0.5 : 1), indexes: megabyte * (expected ? 0.5 : 1) });
  const life = { table: "order.stream", looks: [look(last)], packed };
  expect(isBloated(life)).toBe(expected);
});

test("orders and looks have bounds", () => {
  expect(() => parseChurnOptions(["--orders", "999"])).toThrow("--orders is a whole number from 1000 to 1000000");
  expect(() => parseChurnOptions(["--samples", "2"])).toThrow("--samples is a whole number from 3 to 100");
});
