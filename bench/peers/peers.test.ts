import { expect, test } from "bun:test";
import type { Measured } from "./measure-shop.ts";
import { parsePeersOptions } from "./peers-options.ts";
import { showBooks, showPeers } from "./show-peers.ts";

test("all shops and their defaults", () => {
  expect(parsePeersOptions([])).toEqual({
    ...{ shops: ["orderflow", "medusa", "vendure"], clients: [1, 32], seconds: 60, warmUpSeconds: 60 },
    ...{ servers: 1, seed: 1, folder: ".orderflow/peers" },
  });
});

test.each([
  [["--shops", "orderflow,magento"], 'There is no shop "magento". The shops are orderflow, medusa, vendure.'],
  [["--clients", "1,129"], '--clients is a whole number from 1 to 128, not "129"'],
  [["--seconds", "4"], '--seconds is a whole number from 5 to 600, not "4"'],
  [["--servers", "0"], '--servers is a whole number from 1 to 4, not "0"'],
  [["--nothing"], "--nothing"],
])("%p is refused with %p", (args, message) => {
  expect(() => parsePeersOptions(args)).toThrow(message);
});

const row: Measured = {
  ...{ clients: 32, orders: 95, ordersPerS: 2.375, ms: { p50: 13_454.8, p95: 25_368, p99: 27_712.2, max: 30_000 } },
  ...{ failed: 1, failures: ["500"], cpuMs: { server: 220.54, postgres: 152.1, load: 0.65 }, memoryMb: {} },
};
const report = {
  ...{ name: "vendure", version: "3.7.3", requestsPerOrder: 1, rows: [row] },
  books: { orders: 124, units: 248, reserved: 246 },
  buyOut: { units: 100, sold: 104, reserved: 100, orders: 104, failed: 2, failures: [] },
};
const cellsOf = (table: string) => table.split("\n").map((line) => line.split(/ {2,}/));

test("a row for each number of clients, with the CPU of an order but without that of the load", () => {
  expect(cellsOf(showPeers([report]))[1]).toEqual([
    ...["vendure 3.7.3", "32", "1", "2.38", "13455", "27712", "373"],
    ...["server 221, postgres 152", "1"],
  ]);
});

test("what the orders hold beside what the stock says", () => {
  expect(cellsOf(showBooks([report]))[1]).toEqual(["vendure 3.7.3", "124", "248", "246", "100", "104", "100", "2"]);
});
