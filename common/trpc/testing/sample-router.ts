import { initTRPC, TRPCError, tracked } from "@trpc/server";
import { z } from "zod";
import { Refusal, Unavailable } from "../../errors.ts";
import { trpcOptions } from "../format-error.ts";

export type SampleContext = { user: string; aborted: string[] };

const t = initTRPC.context<SampleContext>().create(trpcOptions);

/** Never ends by itself: notes in the context that its caller left. */
function untilAborted(ctx: SampleContext, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve) => {
    signal?.addEventListener("abort", () => {
      ctx.aborted.push(ctx.user);
      resolve("aborted");
    });
  });
}

/** One procedure for each way in which a call can go. */
export const sampleRouter = t.router({
  echo: t.procedure
    .input(z.object({ text: z.string() }))
    .query(({ input, ctx }) => ({ text: input.text, user: ctx.user })),
  ping: t.procedure.query(() => "pong"),
  nothing: t.procedure.query(() => undefined),
  maybe: t.procedure.input(z.string().optional()).query(({ input }) => input ?? "none"),
  values: t.procedure.query(() => ({ at: new Date(0), none: null, left: undefined, text: "ä€😀", list: [1, 2] })),
  add: t.procedure
    .input(z.object({ lines: z.array(z.object({ quantity: z.int().min(1) })) }))
    .mutation(({ input }) => input.lines.length),
  touch: t.procedure.mutation(() => "touched"),
  refused: t.procedure.mutation(() => {
    throw new Refusal("out_of_stock", "Only 2 are left");
  }),
  busy: t.procedure.query(() => {
    throw new Unavailable("overloaded", "Too many orders are waiting", { retryAfterS: 3 });
  }),
  away: t.procedure.query(() => {
    throw new Unavailable("dependency_unavailable", "inventory.quote is not available", { retryAfterS: 7 });
  }),
  fault: t.procedure.query(() => {
    throw new Error("connect ECONNREFUSED secret-host:5432");
  }),
  thrownText: t.procedure.query(() => {
    throw "secret text";
  }),
  forbidden: t.procedure.query(() => {
    throw new TRPCError({ code: "FORBIDDEN", message: "This needs the role operator" });
  }),
  broken: t.procedure.output(z.object({ id: z.number() })).query(() => ({ id: "secret" }) as unknown as { id: number }),
  storedBroken: t.procedure.query(() => z.object({ secretColumn: z.string() }).parse({})),
  unserialisable: t.procedure.query(() => ({ big: 1n })),
  streamed: t.procedure.query(async function* () {
    yield 1;
    yield 2;
  }),
  waiting: t.procedure.query(({ ctx, signal }) => untilAborted(ctx, signal)),
  deep: t.router({ constructor: t.procedure.query(() => "deep") }),
  ticks: t.procedure.input(z.object({ lastEventId: z.string().nullish() }).optional()).subscription(async function* ({
    input,
  }) {
    for (let n = Number(input?.lastEventId ?? 0) + 1; n <= 3; n++) yield tracked(String(n), { n });
  }),
  endless: t.procedure.subscription(async function* ({ ctx, signal }) {
    yield "started";
    await untilAborted(ctx, signal);
  }),
  failing: t.procedure.subscription(async function* () {
    yield 1;
    throw new Error("secret failure");
  }),
});

export type SampleRouter = typeof sampleRouter;
