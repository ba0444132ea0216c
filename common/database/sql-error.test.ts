import { expect, test } from "bun:test";
import { Unavailable } from "../errors.ts";
import { isFault, sqlState } from "./sql-error.ts";

const bun = (errno: string) => Object.assign(new Error("x"), { code: "ERR_POSTGRES_SERVER_ERROR", errno });
const coded = (code: string) => Object.assign(new Error("x"), { code });

test("the state is found where each driver puts it", () => {
  expect(sqlState(bun("23505"))).toBe("23505");
  expect(sqlState(coded("40P01"))).toBe("40P01");
  expect(sqlState(new Error("Failed query", { cause: coded("XX000") }))).toBe("XX000");
});

test.each([coded("EPIPE"), coded("ECONNREFUSED"), new Error("plain"), "text", undefined, null])(
  "case %# has no state",
  (error) => {
    expect(sqlState(error)).toBeUndefined();
  },
);

test.each(["08006", "25P03", "40001", "40P01", "53300", "55P03", "57014", "57P01", "58030", "XX000", "3D000", "42P01"])(
  "%s is a fault",
  (state) => {
    expect(isFault(bun(state))).toBe(true);
  },
);

test.each(["23505", "23514", "22P02", "21000", "P0001", "42601"])("%s is not a fault", (state) => {
  expect(isFault(bun(state))).toBe(false);
});

test.each([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ERR_POSTGRES_CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECT_TIMEOUT",
])("%s is a fault", (code) => {
  expect(isFault(coded(code))).toBe(true);
  expect(isFault(new Error("outer", { cause: coded(code) }))).toBe(true);
});

test("a neighbour that is away is a fault, a bug is not", () => {
  expect(isFault(new Unavailable("dependency_unavailable", "away", { retryAfterS: 1 }))).toBe(true);
  expect(isFault(new AggregateError([coded("ECONNREFUSED")]))).toBe(true);
  expect(isFault(new TypeError("x is not a function"))).toBe(false);
  expect(isFault(undefined)).toBe(false);
});
