import type { TokenSigner } from "../auth/internal-token.ts";
import { createInternalClient } from "../trpc/internal-client.ts";
import type { ReadPage } from "./assert-continues.ts";
import { fromProducer } from "./envelope.ts";
import type { EventsHost } from "./events-router.ts";

type Options = {
  stream: string;
  /** The producing service: its name and its base URL. */
  producer: string;
  url: string;
  /** The service that reads. */
  reader: string;
  signer: TokenSigner;
};

const timeoutMs = 5_000;

/** Reads a stream from the service that produces it, over its internal tRPC. */
export function readRemote({ stream, producer, url, reader, signer }: Options): ReadPage {
  const client = createInternalClient<EventsHost>({ url, audience: producer, signer, issuer: reader, timeoutMs });
  return async (after, limit) => {
    const { logid, head, afterId, isPruned, events } = await client.events.read.query({ stream, after, limit });
    return { logId: logid, head, afterId, isPruned, events: events.map(fromProducer) };
  };
}
