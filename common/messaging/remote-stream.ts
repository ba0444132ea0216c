import type { TokenSigner } from "../auth/internal-token.ts";
import type { HeardHeads } from "../discovery/heard-heads.ts";
import type { Peers } from "../resilience/peers.ts";
import { createInternalClient } from "../trpc/internal-client.ts";
import type { ReadPage } from "./assert-continues.ts";
import { fromProducer } from "./envelope.ts";
import type { EventsHost } from "./events-router.ts";

type Options = {
  stream: string;
  /** The producing service. */
  producer: string;
  peers: Pick<Peers, "target" | "heads">;
  /** The service that reads. */
  reader: string;
  signer: TokenSigner;
};

const timeoutMs = 5_000;

/** How a consumer gets at a stream of another service. */
export type RemoteStream = { stream: string; readPage: ReadPage; heads?: HeardHeads | undefined };

/** Reads a stream from the service that produces it, over its internal tRPC, and hears from its presence where it ends. */
export function remoteStream({ stream, producer, peers, reader, signer }: Options): RemoteStream {
  // Apart from what customers wait for: a consumer that catches up must neither wait for their calls nor they for it.
  const target = peers.target({ service: producer, name: `${producer}.events`, settings: { timeoutMs } });
  const client = createInternalClient<EventsHost>({ target, signer, issuer: reader, safe: ["events.read"] });
  const readPage: ReadPage = async (after, limit, cursorEventId) => {
    const input = { stream, after, limit, ...(cursorEventId !== undefined && { cursorEventId }) };
    const { logid, head, afterId, isPruned, events } = await client.events.read.query(input);
    return { logId: logid, head, afterId, isPruned, events: events.map(fromProducer) };
  };
  return { stream, readPage, heads: peers.heads(producer) };
}
