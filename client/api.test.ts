import { expectTypeOf, test } from "bun:test";
import type { Api, Client, InputOf, OrderflowError, OutputOf, Reason } from "./main.ts";

type Place = Api["order"]["place"];

test("every service's procedures are called by name, each as what it is", () => {
  expectTypeOf<keyof Client>().toEqualTypeOf<
    "account" | "settings" | "order" | "inventory" | "notify" | "worker" | "session"
  >();
  expectTypeOf<OutputOf<Api["inventory"]["bySku"]>["available"]>().toEqualTypeOf<number>();
  expectTypeOf<OutputOf<Api["order"]["watch"]>["data"]["status"]>().toEqualTypeOf<OutputOf<Place>["status"]>();
  // @ts-expect-error: placing is a mutation.
  expectTypeOf<Place["query"]>().toBeAny();
  // @ts-expect-error: what services ask of each other is not public.
  expectTypeOf<Api["order"]["events"]>().toBeAny();
});

test("a mutation's key may be given, and the rest of its input must be", () => {
  expectTypeOf<{ lines: []; shippingAddress: InputOf<Place>["shippingAddress"] }>().toExtend<InputOf<Place>>();
  expectTypeOf<InputOf<Place>["idempotencyKey"]>().toEqualTypeOf<string | undefined>();
  expectTypeOf<{ lines: [] }>().not.toExtend<InputOf<Place>>();
  expectTypeOf<InputOf<Api["account"]["sessions"]["revoke"]>>().toEqualTypeOf<{ sessionId: string }>();
});

test("an error's reason is one of those that there are", () => {
  expectTypeOf<OrderflowError["reason"]>().toEqualTypeOf<Reason>();
  expectTypeOf<"out_of_stock" | "network_error">().toExtend<Reason>();
  expectTypeOf<"no_such_reason">().not.toExtend<Reason>();
});
