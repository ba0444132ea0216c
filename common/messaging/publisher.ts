import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";
import { maxMessageBytes, maxMessageEvents } from "./bounds.ts";
import type { Broker } from "./broker.ts";
import { batchContentType, toEnvelopeJson } from "./envelope.ts";
import type { Event } from "./event.ts";
import { startSendSpan } from "./event-spans.ts";
import { createMessageFaults } from "./message-faults.ts";
import { topicOf } from "./topics.ts";

/** Tells listeners about events that are committed. A courtesy: what is dropped here they read from the log. */
export type Publisher = { publish(events: Event[]): void };

type Options = { broker: Broker; logger: Logger; metrics: Metrics; maxInFlight?: number };

export function createPublisher({ broker, logger, metrics, maxInFlight = 200 }: Options): Publisher {
  const published = metrics.counter("events_published_total", "Events handed to the broker", ["stream"]);
  const dropped = metrics.counter("events_unpublished_total", "Events left for their readers to fetch", ["stream"]);
  const window = metrics.gauge("mqtt_publish_window", "Messages sent and not yet acknowledged");
  const asBrought = createMessageFaults<Message>();
  let inFlight = 0;

  async function send({ stream, events, payload }: Message): Promise<void> {
    const topic = topicOf(stream);
    const span = startSendSpan(topic, events);
    window.set(++inFlight);
    try {
      await broker.publish(topic, payload, { contentType: batchContentType });
      published.inc({ stream }, events.length);
    } catch (error) {
      dropped.inc({ stream }, events.length);
      logger.debug({ err: error, stream, events: events.length }, "events were not published");
    } finally {
      window.set(--inFlight);
      span?.end();
    }
  }

  return {
    publish(events) {
      for (const message of asBrought(toMessages(events))) {
        if (broker.isConnected() && inFlight < maxInFlight) void send(message);
        else dropped.inc({ stream: message.stream }, message.events.length);
      }
    },
  };
}

type Message = { stream: string; events: Event[]; payload: string };

/** One message per stream and commit, cut where it would pass 50 events or 512 kB. */
export function toMessages(events: Event[]): Message[] {
  const messages: Message[] = [];
  for (const [stream, ofStream] of Map.groupBy(events, (event) => event.stream)) {
    let part: { events: Event[]; json: string[]; bytes: number } = { events: [], json: [], bytes: 0 };
    const close = () => {
      if (part.events.length > 0) messages.push({ stream, events: part.events, payload: `[${part.json.join(",")}]` });
      part = { events: [], json: [], bytes: 0 };
    };
    for (const event of ofStream) {
      const json = toEnvelopeJson(event);
      const bytes = Buffer.byteLength(json) + 1;
      if (part.events.length === maxMessageEvents || part.bytes + bytes > maxMessageBytes - 1) close();
      part.events.push(event);
      part.json.push(json);
      part.bytes += bytes;
    }
    close();
  }
  return messages;
}
