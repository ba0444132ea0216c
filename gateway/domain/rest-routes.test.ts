import { expect, test } from "bun:test";
import { createRestTable, type RestRoute } from "./rest-routes.ts";

function aRoute(method: string, path: string): RestRoute {
  const segments = path.split("/").slice(1);
  return {
    method,
    segments: segments.map((segment) => (segment.startsWith("{") ? undefined : segment)),
    service: "order",
    procedure: `${method} ${path}`,
    inPath: [],
    inQuery: [],
    inHeaders: [],
    hasBody: false,
    isStream: false,
    status: 200,
    location: undefined,
  };
}

const table = createRestTable([
  aRoute("POST", "/orders"),
  aRoute("GET", "/orders"),
  aRoute("GET", "/orders/{orderId}"),
  aRoute("GET", "/orders/open"),
  aRoute("POST", "/orders/{orderId}/cancel"),
  aRoute("GET", "/orders"),
]);

test.each([
  ["GET", "/orders", "GET /orders", []],
  ["GET", "/orders/4711", "GET /orders/{orderId}", ["4711"]],
  ["GET", "/orders/open", "GET /orders/open", []],
  ["POST", "/orders/4711/cancel", "POST /orders/{orderId}/cancel", ["4711"]],
  ["POST", "/orders/open/cancel", "POST /orders/{orderId}/cancel", ["open"]],
  ["GET", "/orders/..%2finternal", "GET /orders/{orderId}", ["..%2finternal"]],
])("%s %s is %s with %j", (method, path, procedure, values) => {
  const match = table.match(method, path);
  expect(match && "route" in match ? [match.route.procedure, match.values] : match).toEqual([procedure, values]);
});

test.each(["", "/", "/order", "/orders/", "/orders//cancel", "/orders/1/cancel/2", "//orders", "/ORDERS"])(
  "%j is no path of ours",
  (path) => {
    expect(table.match("GET", path)).toBeUndefined();
  },
);

test("a path of ours knows the methods it has", () => {
  expect(table.match("DELETE", "/orders")).toEqual({ allowed: ["POST", "GET"] });
  expect(table.match("GET", "/orders/1/cancel")).toEqual({ allowed: ["POST"] });
});
