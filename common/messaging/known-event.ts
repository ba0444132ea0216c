import { z } from "zod";
import { catalog, type EventType, type FactOf } from "../events/catalog.ts";
import type { Event } from "./event.ts";

export type KnownEvent<T extends EventType> = Event & FactOf<T>;

/**
 * The events of these types, their data checked against the published schema. Other types are left out: a producer may
 * add types before its listeners know them.
 *
 * @throws when the data of one of these types cannot be read, naming its fields; the consumer buries that event.
 */
export function onlyKnown<T extends EventType>(events: Event[], ...types: T[]): KnownEvent<T>[] {
  return events
    .filter((event) => (types as string[]).includes(event.type))
    .map((event) => ({ ...event, data: readData(event) }) as KnownEvent<T>);
}

function readData({ type, position, data }: Event): unknown {
  const parsed = catalog[type as EventType].schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new Error(`the data of ${type} at ${position} cannot be read: ${z.prettifyError(parsed.error)}`);
}

/** What a fact that follows from this event carries, so that causes and traces stay linked. */
export function causedBy(event: Event): {
  traceparent?: string | undefined;
  correlationId?: string | undefined;
  causationId: string;
} {
  return { traceparent: event.traceparent, correlationId: event.correlationId, causationId: event.id };
}
