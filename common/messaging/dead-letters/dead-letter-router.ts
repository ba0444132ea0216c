import { initTRPC } from "@trpc/server";
import { z } from "zod";
import type { ProcedureMeta, RestMeta } from "../../openapi/procedure-meta.ts";
import type { ServiceContext } from "../../trpc/context.ts";
import { trpcOptions } from "../../trpc/format-error.ts";
import { requireRole } from "../../trpc/procedure.ts";
import { DeadLetterDetail, DeadLetterView } from "./dead-letter.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { exampleDeadLetter, exampleDeadLetterDetail, exampleKey } from "./examples.ts";

/** What a service's call context must hold for its router to have dead letters. */
export type DeadLetterContext = ServiceContext & { deadLetters: DeadLetters };

const t = initTRPC.context<DeadLetterContext>().meta<ProcedureMeta>().create(trpcOptions);
const operatorProcedure = t.procedure
  .meta({ access: "operator" })
  .use(({ ctx, next }) => next({ ctx: { ...ctx, caller: requireRole(ctx.caller, "operator") } }));

const { stream, position, key } = exampleDeadLetter;
const path = "/services/:service/dead-letters";
const notFound: Pick<RestMeta, "refusals"> = { refusals: ["dead_letter_not_found"] };

const Stream = z.string().min(1).max(200);
const Key = z.string().min(1).max(200);
const Position = z.int().min(1);
/** Repeating either mutation changes nothing more, so the key needs no memory: it is asked for as everywhere. */
const idempotencyKey = z.uuid();

const list = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path,
      summary: "List events that could not be applied",
      example: { input: { stream, limit: 20 }, output: { items: [exampleDeadLetter], nextCursor: null } },
    },
  })
  .input(
    z.object({
      stream: Stream.optional(),
      key: Key.optional(),
      isParked: z.boolean().optional(),
      cursor: z
        .string()
        .regex(/^\d{1,16}@.{1,200}$/, "the nextCursor of a page before")
        .optional(),
      limit: z.int().min(1).max(100).default(20),
    }),
  )
  .output(z.object({ items: z.array(DeadLetterView), nextCursor: z.string().nullable() }))
  .query(({ ctx, input }) => ctx.deadLetters.list(input));

const show = operatorProcedure
  .meta({
    openapi: {
      method: "GET",
      path: `${path}/{stream}/{position}`,
      summary: "Read a dead letter",
      ...notFound,
      example: { input: { stream, position }, output: exampleDeadLetterDetail },
    },
  })
  .input(z.object({ stream: Stream, position: Position }))
  .output(DeadLetterDetail)
  .query(({ ctx, input }) => ctx.deadLetters.show(input));

const redrive = operatorProcedure
  .meta({
    openapi: {
      method: "POST",
      path: `${path}/{stream}/redrive`,
      summary: "Apply the dead letters of one thing again",
      description: "In their order; stops at the first that still cannot be applied.",
      ...notFound,
      example: {
        input: { idempotencyKey: exampleKey, stream, key },
        output: { redriven: 3, remaining: 0, failedAt: null },
      },
    },
  })
  .input(z.object({ idempotencyKey, stream: Stream, key: Key }))
  .output(z.object({ redriven: z.int(), remaining: z.int(), failedAt: z.int().nullable() }))
  .mutation(({ ctx, input: { stream, key } }) => ctx.deadLetters.redrive({ stream, key, callerId: ctx.caller.id }));

const discard = operatorProcedure
  .meta({
    openapi: {
      method: "POST",
      path: `${path}/{stream}/{position}/discard`,
      summary: "Give up a dead letter",
      ...notFound,
      example: {
        input: { idempotencyKey: exampleKey, stream, position, reason: "A test order of last week" },
        output: { stream, position, key, discardedAt: "2026-11-22T14:35:00.000Z", remaining: 2 },
      },
    },
  })
  .input(z.object({ idempotencyKey, stream: Stream, position: Position, reason: z.string().trim().min(1).max(500) }))
  .output(
    z.object({
      stream: z.string(),
      position: z.int(),
      key: z.string(),
      discardedAt: z.string(),
      remaining: z.int(),
    }),
  )
  .mutation(({ ctx, input: { stream, position, reason } }) =>
    ctx.deadLetters.discard({ stream, position, reason, callerId: ctx.caller.id }),
  );

/** `deadLetters` in the public router of each service that listens. For operators only. */
export const deadLetterRouter = t.router({ list, show, redrive, discard });
