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
export type Fact = Trace & { stream: string; type: string; key: string; data: unknown };

/** A fact at its place. `position` counts from 1 without gaps; `previousId` is the id at `position - 1`, null at 1. */
export type Event = Fact & { id: string; time: string; logId: string; position: number; previousId: string | null };

/** An answer of `events.read`. `afterId` is the id at the position asked from, null at 0. */
export type EventPage = { logId: string; head: number; afterId: string | null; events: Event[] };
