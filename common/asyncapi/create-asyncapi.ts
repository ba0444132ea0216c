import { catalog, type EventType } from "../events/catalog.ts";
import { maxMessageEvents } from "../messaging/bounds.ts";
import { batchContentType, Envelope } from "../messaging/envelope.ts";
import { topicOf } from "../messaging/topics.ts";
import type { JsonSchema } from "../openapi/document.ts";
import { createSchemaCollector } from "../openapi/json-schemas.ts";
import { publishedEvents } from "./published-events.ts";

const description = `What the services tell each other, over MQTT 5 at QoS 1.

A message holds the events of one commit as a CloudEvents 1.0 batch, so types mix. It may be lost or come twice: the
record is the producer's log, which listeners read whatever is missing from. \`position\` counts without gaps in a stream,
\`previd\` is the id of the event before. Fields are only ever added; a listener ignores types that it does not know.`;

export type EventContract = { version: number; stream: string; schema: JsonSchema };

/** The AsyncAPI 3 document of every event and command: a channel for each stream, which is a topic. */
export function createAsyncApi(): object {
  const { events, schemas } = describeEvents();
  const streams = Map.groupBy(events, ([, { stream }]) => stream);
  const channels = [...streams].map(([stream, some]) => [
    stream,
    channelOf(
      stream,
      some.map(([type]) => type),
    ),
  ]);
  const operations = [...streams.keys()].map((stream) => [
    `send.${stream}`,
    {
      action: "send",
      channel: { $ref: `#/channels/${stream}` },
      summary: `Tell what was appended to the stream ${stream}. Only its owner may.`,
    },
  ]);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "orderflow: events and commands",
      version: "1.0.0",
      description,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    defaultContentType: batchContentType,
    servers: { broker: { host: "127.0.0.1:1883", protocol: "mqtt", protocolVersion: "5" } },
    channels: Object.fromEntries(channels),
    operations: Object.fromEntries(operations),
    components: {
      schemas: { ...schemas, ...Object.fromEntries(events.map(([type, event]) => [type, event.schema])) },
    },
  };
}

/** By type, the schema of each event's data. References lead to `schemas`. */
export function describeEventData(): { events: Record<string, EventContract>; schemas: Record<string, JsonSchema> } {
  const collector = createSchemaCollector();
  const events = types().map((type) => {
    const { stream, schema } = catalog[type];
    return [type, { version: publishedEvents[type].version, stream, schema: collector.convert(schema, "output") }];
  });
  return { events: Object.fromEntries(events), schemas: collector.components };
}

function describeEvents(): { events: [EventType, EventContract][]; schemas: Record<string, JsonSchema> } {
  const { events, schemas } = describeEventData();
  const collector = createSchemaCollector();
  schemas.Envelope = collector.convert(Envelope, "output");
  const described = types().map((type): [EventType, EventContract] => {
    const { version, stream, schema: data } = events[type] as EventContract;
    const schema = {
      title: type,
      description: publishedEvents[type].description,
      "x-version": version,
      allOf: [
        { $ref: "#/components/schemas/Envelope" },
        { type: "object", properties: { type: { const: type }, stream: { const: stream }, data }, required: ["data"] },
      ],
      examples: [exampleOf(type)],
    };
    return [type, { version, stream, schema }];
  });
  return { events: described, schemas };
}

function channelOf(stream: string, some: EventType[]): object {
  const items = { oneOf: some.map((type) => ({ $ref: `#/components/schemas/${type}` })) };
  return {
    address: topicOf(stream),
    title: stream,
    description: stream.includes(".commands.") ? "Commands: what another service is to do." : "Facts.",
    messages: {
      batch: {
        name: `${stream}.batch`,
        title: `The events of one commit to ${stream}`,
        contentType: batchContentType,
        payload: { type: "array", minItems: 1, maxItems: maxMessageEvents, items },
        examples: some.map((type) => ({ name: type, payload: [exampleOf(type)] })),
      },
    },
  };
}

/** An event as it is on the wire. A test holds it to the schema. */
export function exampleOf(type: EventType): Envelope {
  const { stream } = catalog[type];
  const { example } = publishedEvents[type];
  const key = "orderId" in example ? example.orderId : example.sku;
  return {
    specversion: "1.0",
    id: "0193a7c4-31b5-7e21-a0f3-6b8d4c1e9f75",
    source: `/orderflow/${stream}`,
    type,
    time: "2026-11-22T14:30:00.000Z",
    subject: key,
    partitionkey: key,
    stream,
    position: "4711",
    logid: "0193a000-0000-7000-8000-000000000001",
    previd: "0193a7c4-2e9a-7c40-9b1d-8f3e6a5c2d07",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    correlationid: "0193a7c4-2f0f-7111-8d3b-9c6e0a4f7b28",
    datacontenttype: "application/json",
    data: example,
  };
}

function types(): EventType[] {
  return Object.keys(catalog) as EventType[];
}
