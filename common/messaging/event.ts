/** What links an event to the call that led to it. Each field is optional on the wire and in storage. */
export type Trace = {
  /** W3C Trace Context header of the span that decided this. */
  traceparent?: string | undefined;
  /** One id for everything that follows from one client call. */
  correlationId?: string | undefined;
  /** Id of the event or command that led directly to this one. */
  causationId?: string | undefined;
};

/** What a decision says happened, before it has a place in a stream. */
export type Fact = Trace & {
  /** Given by a decision that writes it down elsewhere too; made at the append otherwise. */
  id?: string | undefined;
  stream: string;
  type: string;
  key: string;
  data: unknown;
};

/** A fact at its place. `position` counts from 1 without gaps; `previousId` is the id at `position - 1`, null at 1. */
export type Event = Fact & {
  id: string;
  time: string;
  logId: string;
  position: number;
  previousId: string | null;
  /** Why its envelope could not be read whole, though its place in the stream could. Never applied. */
  unreadable?: string;
};

/**
 * What follows a position in a stream. `afterId` is the id at that position, null at 0. `isPruned` says that what
 * follows is no longer kept, so that a reader never takes a hole for the end.
 */
export type EventPage = { logId: string; head: number; afterId: string | null; isPruned: boolean; events: Event[] };
