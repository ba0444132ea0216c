import type { Auditor } from "@orderflow/common/audit/create-auditor";
import type { DeadLetterContext } from "@orderflow/common/messaging/dead-letters/dead-letter-router";
import type { ProcedureMeta } from "@orderflow/common/openapi/procedure-meta";
import { trpcOptions } from "@orderflow/common/trpc/format-error";
import { requireRole } from "@orderflow/common/trpc/procedure";
import { initTRPC } from "@trpc/server";
import type { Order } from "../domain/order.ts";
import type { Change } from "../repositories/change-many.ts";
import type { OrderRepository } from "../repositories/order-repository.ts";
import type { LiveOrders } from "./live-orders.ts";
import type { PlaceCall } from "./place-batch.ts";

/** What the procedures use besides who calls. */
export type OrderHandling = {
  orders: OrderRepository;
  /** Joins the batch that is placed next. */
  place: (call: PlaceCall) => Promise<Order>;
  /** Joins the batch of changes that is decided next. */
  change: (change: Change) => Promise<Order>;
  live: LiveOrders;
  audit: Auditor;
  now: () => Date;
};

type OrderCallContext = DeadLetterContext & OrderHandling;

const t = initTRPC.context<OrderCallContext>().meta<ProcedureMeta>().create(trpcOptions);

export const router = t.router;

/** Customers see and change their own orders, operators all of them. */
export const customerProcedure = t.procedure
  .meta({ access: "customer" })
  .use(({ ctx, next }) => next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "customer", "operator") } }));

export const operatorProcedure = t.procedure
  .meta({ access: "operator" })
  .use(({ ctx, next }) => next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "operator") } }));

export const serviceProcedure = t.procedure.use(({ ctx, next }) =>
  next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "service") } }),
);
