import { initTRPC } from "@trpc/server";
import type { SQL } from "bun";
import { z } from "zod";
import type { ComposeRouters } from "../trpc/compose.ts";
import type { ServiceContext } from "../trpc/context.ts";
import { trpcOptions } from "../trpc/format-error.ts";
import { requireRole } from "../trpc/procedure.ts";
import { maxPageEvents } from "./bounds.ts";
import { type Envelope, toEnvelope } from "./envelope.ts";
import { readEvents } from "./read.ts";
import { createReaderNotes } from "./stream-readers.ts";

const t = initTRPC.context<ServiceContext>().create(trpcOptions);

export type StreamPage = { logid: string; head: number; afterId: string | null; isPruned: boolean; events: Envelope[] };

/**
 * `events.read` for the streams a service produces: how listeners fill gaps, catch up and begin. For services only. One
 * that names the event at its cursor has its position noted, and the log is kept from there on.
 */
export function createEventsRouter<const Stream extends string>(sql: SQL, streams: [Stream, ...Stream[]]) {
  const Input = z.object({
    stream: z.enum(streams),
    after: z.int().min(0),
    limit: z.int().min(1).max(maxPageEvents),
    cursorEventId: z.uuid().nullable().optional(),
  });
  const notes = createReaderNotes(sql);
  return t.router({
    read: t.procedure.input(Input).query(async ({ ctx, input }): Promise<StreamPage> => {
      requireRole(ctx.caller, "service");
      const { cursorEventId, ...place } = input;
      const page = await readEvents(sql, place);
      if (cursorEventId !== undefined) {
        const { stream, after: position } = place;
        await notes.note({ stream, reader: ctx.caller.id, position, eventId: cursorEventId }, page);
      }
      const { logId: logid, head, afterId, isPruned } = page;
      return { logid, head, afterId, isPruned, events: page.events.map(toEnvelope) };
    }),
  });
}

export type EventsRouter = ReturnType<typeof createEventsRouter>;
/** The part of a producer's internal router that its listeners use. */
export type EventsHost = ComposeRouters<{ events: EventsRouter }>;
