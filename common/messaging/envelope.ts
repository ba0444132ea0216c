import { z } from "zod";
import { dataJson } from "./data-json.ts";
import type { Event } from "./event.ts";

export const batchContentType = "application/cloudevents-batch+json; charset=utf-8";

/**
 * An event on the wire: CloudEvents 1.0, JSON format, with our extension attributes. `position` is a string because
 * CloudEvents integers have 32 bits.
 */
export const Envelope = z.object({
  specversion: z.literal("1.0"),
  id: z.uuid(),
  source: z.string().max(200),
  type: z.string().max(200),
  time: z.iso.datetime({ offset: true }),
  subject: z.string().max(200),
  partitionkey: z.string().max(200),
  stream: z.string().max(200),
  position: z.string().regex(/^[1-9][0-9]{0,15}$/),
  logid: z.uuid(),
  previd: z.uuid().optional(),
  traceparent: z.string().max(100).optional(),
  correlationid: z.string().max(200).optional(),
  causationid: z.string().max(200).optional(),
  datacontenttype: z.literal("application/json"),
  data: z.unknown(),
});
export type Envelope = z.infer<typeof Envelope>;

export function toEnvelope(event: Event): Envelope {
  return { ...toHead(event), data: event.data };
}

/** The same as JSON. */
export function toEnvelopeJson(event: Event): string {
  return `${JSON.stringify(toHead(event)).slice(0, -1)},"data":${dataJson(event.data)}}`;
}

function toHead(event: Event): Omit<Envelope, "data"> {
  return {
    specversion: "1.0",
    id: event.id,
    source: `/orderflow/${event.stream}`,
    type: event.type,
    time: event.time,
    subject: event.key,
    partitionkey: event.key,
    stream: event.stream,
    position: String(event.position),
    logid: event.logId,
    previd: event.previousId ?? undefined,
    traceparent: event.traceparent,
    correlationid: event.correlationId,
    causationid: event.causationId,
    datacontenttype: "application/json",
  };
}

/** @throws ZodError when this is not an event of ours. */
export function fromEnvelope(input: unknown): Event {
  return toEvent(Envelope.parse(input));
}

function toEvent(envelope: Envelope): Event {
  return {
    id: envelope.id,
    stream: envelope.stream,
    position: Number(envelope.position),
    logId: envelope.logid,
    previousId: envelope.previd ?? null,
    type: envelope.type,
    key: envelope.partitionkey,
    time: envelope.time,
    traceparent: envelope.traceparent,
    correlationId: envelope.correlationid,
    causationId: envelope.causationid,
    data: envelope.data,
  };
}

const Place = Envelope.pick({ id: true, stream: true, position: true, logid: true, previd: true }).extend({
  partitionkey: Envelope.shape.partitionkey.optional().catch(undefined),
});
const unreadableType = "unreadable";

/**
 * Reads what the producer answered. An envelope whose place is clear but not the rest becomes an unreadable event, which
 * its consumer buries: a stream must not stand still, or loop, for one letter that cannot be opened.
 *
 * @throws ZodError when not even its place can be read.
 */
export function fromProducer(input: unknown): Event {
  const parsed = Envelope.safeParse(input);
  if (parsed.success) return toEvent(parsed.data);
  const place = Place.parse(input);
  return {
    id: place.id,
    stream: place.stream,
    position: Number(place.position),
    logId: place.logid,
    previousId: place.previd ?? null,
    type: unreadableType,
    key: place.partitionkey ?? place.id,
    time: new Date(0).toISOString(),
    data: input,
    unreadable: z.prettifyError(parsed.error),
  };
}

/**
 * Reads what was set aside as a dead letter. One that could not be read then holds the producer's words, and is read
 * anew: by now this program may understand them.
 */
export function fromStored(input: unknown): Event {
  const event = fromEnvelope(input);
  return event.type === unreadableType ? fromProducer(event.data) : event;
}
