import { z } from "zod";
import type { Session } from "../../repositories/sessions.ts";
import { exampleSessionId } from "./examples.ts";
import { customerProcedure, router } from "./trpc.ts";

const SessionView = z.object({
  id: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
});

const exampleSession = {
  id: exampleSessionId,
  createdAt: "2026-11-22T09:00:00.000Z",
  updatedAt: "2026-11-22T09:00:00.000Z",
  expiresAt: "2026-11-29T09:00:00.000Z",
  ipAddress: "192.0.2.7",
  userAgent: "Mozilla/5.0",
};

/** Where the caller is signed in, newest first. */
const list = customerProcedure
  .meta({
    openapi: {
      method: "GET",
      path: "/account/sessions",
      summary: "List where you are signed in",
      example: { output: { items: [exampleSession] } },
    },
  })
  .output(z.object({ items: z.array(SessionView).max(100) }))
  .query(async ({ ctx }) => {
    const sessions = await ctx.sessions.listOf(ctx.caller.id, ctx.now());
    return { items: sessions.map(viewOf) };
  });

/** Ends a session at once. A JWT that was made from it stays good until it expires, at most 15 minutes. */
const revoke = customerProcedure
  .meta({
    openapi: {
      method: "POST",
      path: "/account/sessions/{sessionId}/revoke",
      summary: "Sign out elsewhere",
      description: "A JWT that was made from the session stays good until it expires, at most 15 minutes.",
      refusals: ["session_not_found"],
      example: { input: { sessionId: exampleSessionId }, output: { sessionId: exampleSessionId } },
    },
  })
  .input(z.object({ sessionId: z.uuid() }))
  .output(z.object({ sessionId: z.string() }))
  .mutation(async ({ ctx, input: { sessionId } }) => {
    await ctx.sessions.revoke({ id: sessionId, userId: ctx.caller.id });
    return { sessionId };
  });

export const sessions = router({ list, revoke });

function viewOf({ createdAt, updatedAt, expiresAt, ...session }: Session): z.infer<typeof SessionView> {
  return {
    ...session,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}
