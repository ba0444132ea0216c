import { expect, test } from "bun:test";
import { refuseOverload } from "./refuse-overload.ts";

const ask = (path: string) => new Request(`http://127.0.0.1${path}`);

test("an overload is told in the words of each route, with when to come back", async () => {
  const call = refuseOverload(ask("/trpc/order.place"), "/trpc");
  const rest = refuseOverload(ask("/api/v1/orders?limit=1"), "/api/v1");
  const account = refuseOverload(ask("/auth/token"), "/auth");
  expect([call, rest, account].map(({ status }) => status)).toEqual([503, 503, 503]);
  for (const { headers } of [call, rest, account]) expect(Number(headers.get("retry-after"))).toBeWithin(1, 4);
  expect(await call.json()).toMatchObject({ error: { data: { code: "SERVICE_UNAVAILABLE", reason: "overloaded" } } });
  expect(rest.headers.get("content-type")).toBe("application/problem+json");
  expect(await rest.json()).toMatchObject({ status: 503, reason: "overloaded", instance: "/api/v1/orders" });
  expect(await account.json()).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
});
