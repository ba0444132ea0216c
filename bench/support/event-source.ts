import type { ReadPage } from "@orderflow/common/messaging/assert-continues";
import { fromProducer } from "@orderflow/common/messaging/envelope";
import { createEventsRouter, type EventsHost } from "@orderflow/common/messaging/events-router";
import { createTRPCClient, httpLink } from "@trpc/client";
import { initTRPC } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { SQL } from "bun";

const t = initTRPC.context<{ caller: { role: "service" } }>().create();

/** Answers `events.read` of a database, as the producer does, until this process is killed. Prints its URL. */
export function serveEvents(databaseUrl: string): void {
  const sql = new SQL({ url: databaseUrl, max: 2 });
  const router = t.router({ events: createEventsRouter(sql, ["order"]) });
  const createContext = () => ({ caller: { role: "service" as const } });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (req) => fetchRequestHandler({ endpoint: "/internal", req, router, createContext }),
  });
  process.stdout.write(`${server.url.origin}\n`);
}

/** Reads the stream `order` from such a process. */
export function readFrom(url: string): ReadPage {
  const client = createTRPCClient<EventsHost>({ links: [httpLink({ url: `${url}/internal` })] });
  return async (after, limit) => {
    const { logid, events, ...page } = await client.events.read.query({ stream: "order", after, limit });
    return { ...page, logId: logid, events: events.map(fromProducer) };
  };
}
