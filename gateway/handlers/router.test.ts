import { expectTypeOf, test } from "bun:test";
import type { TRPCClient } from "@trpc/client";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "./router.ts";

type Client = TRPCClient<AppRouter>;
type Inputs = inferRouterInputs<AppRouter>;
type Outputs = inferRouterOutputs<AppRouter>;

test("a client of the gateway knows every service's procedures, inputs and answers by type", () => {
  expectTypeOf<Client["order"]["place"]["mutate"]>().toBeFunction();
  expectTypeOf<Client["inventory"]["bySku"]["query"]>().toBeFunction();
  expectTypeOf<Inputs["order"]["cancel"]["orderId"]>().toEqualTypeOf<string>();
  expectTypeOf<Inputs["order"]["place"]["lines"][number]["quantity"]>().toEqualTypeOf<number>();
  expectTypeOf<Outputs["order"]["place"]["number"]>().toEqualTypeOf<string>();
  expectTypeOf<Outputs["inventory"]["bySku"]["available"]>().toEqualTypeOf<number>();
  expectTypeOf<keyof Inputs>().toEqualTypeOf<"account" | "settings" | "order" | "inventory" | "notify" | "worker">();
});

test("a procedure that no service has is no procedure of a client", () => {
  // @ts-expect-error: order has no such procedure.
  expectTypeOf<Client["order"]["nope"]>().toBeAny();
  // @ts-expect-error: what services ask of each other is not public.
  expectTypeOf<Client["order"]["events"]>().toBeAny();
});
