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

const kept = { rows: 5_000, deletes: 0 };
const queue = { rows: 3, deletes: 5_000 };

test.each<[string, Partial<TableLook>[], Partial<TableLook>, boolean]>([
  ["rows that stay, more than twice their packed size", [{ ...kept, heap: 4 * megabyte }], {}, true],
  ["rows that stay, up to twice", [{ ...kept, heap: 3 * megabyte }], {}, false],
  ["a handful of pages, whatever they hold", [{ ...kept, heap: 200_000, indexes: 200_000 }], { heap: 1 }, false],
  ["a queue that is large and stays so", [queue, queue, queue], { heap: 1, indexes: 1 }, false],
  ["a queue that goes on growing", [queue, queue, { ...queue, heap: 3 * megabyte }], { heap: 1, indexes: 1 }, true],
])("bloated or not: %s", (_, looks, packed, expected) => {
  expect(isBloated({ table: "order.stream", looks: looks.map(look), packed: look(packed) })).toBe(expected);
});

test("orders and looks have bounds", () => {
  expect(() => parseChurnOptions(["--orders", "999"])).toThrow("--orders is a whole number from 1000 to 1000000");
  expect(() => parseChurnOptions(["--samples", "2"])).toThrow("--samples is a whole number from 3 to 100");
});
