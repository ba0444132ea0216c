import mqtt, { type MqttClient } from "mqtt";
import type { Logger } from "../observability/logger.ts";
import type { Metrics } from "../observability/metrics.ts";

export type MessageHandler = (payload: Uint8Array, topic: string) => void;

export type PublishOptions = {
  contentType?: string;
  /** The broker keeps it for those who subscribe later; an empty payload takes back what it keeps. */
  retain?: boolean;
  /** How long the broker may keep it. */
  expiryS?: number;
};

/** A connection to the MQTT broker that comes and goes. Nothing here promises delivery: the event log does. */
export type Broker = {
  isConnected(): boolean;
  /** Resolves when the broker has acknowledged (QoS 1); rejects at once when it is away. */
  publish(topic: string, payload: string, options: PublishOptions): Promise<void>;
  /** A topic, or a filter with `+` for any one level. Lasts over reconnects. The handler must return at once: it runs where the connection is kept alive. */
  subscribe(topic: string, handle: MessageHandler): () => void;
  onConnect(listener: () => void): () => void;
  close(): Promise<void>;
};

type Options = {
  url: string;
  /** In PEM, for a broker that asks for certificates. */
  identity?: { cert: string; key: string };
  clientId: string;
  logger: Logger;
  metrics: Metrics;
  /** The retained message on this topic is taken back by the broker when this connection ends without a goodbye. */
  clearOnLoss?: string;
};

const session = { protocolVersion: 5, clean: true, resubscribe: false } as const;
const connectTimeoutMs = 5_000;
const reconnectPeriodMs = 250;
const keepaliveS = 15;
const ackTimeoutMs = 10_000;
const watchdogPeriodMs = 5_000;

/** Connects in the background and again whenever the connection is lost; never throws because the broker is away. */
export function connectBroker(options: Options): Broker {
  const handlers = new Map<string, Set<MessageHandler>>();
  const wildcards = new Set<string>();
  const listeners = new Set<() => void>();
  const inFlight = new Set<{ sentAt: number; abandon: (error: Error) => void }>();
  const connected = options.metrics.gauge("mqtt_connected", "1 while this process is connected to the broker");
  let client = open();

  function open(): MqttClient {
    const opened = mqtt.connect(options.url, {
      clientId: options.clientId,
      ...session,
      keepalive: keepaliveS,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: reconnectPeriodMs,
      ...options.identity,
      ...(options.clearOnLoss !== undefined && {
        will: { topic: options.clearOnLoss, payload: Buffer.alloc(0), qos: 1, retain: true },
      }),
    });
    opened.on("connect", () => {
      connected.set(1);
      const { stream } = opened;
      if ("setNoDelay" in stream && typeof stream.setNoDelay === "function") stream.setNoDelay(true);
      for (const topic of handlers.keys()) opened.subscribe(topic, { qos: 1 });
      for (const listener of listeners) listener();
    });
    opened.on("close", () => connected.set(0));
    opened.on("error", (error) => options.logger.warn({ err: error }, "the broker connection failed"));
    opened.on("message", (topic, payload) => {
      for (const handle of handlers.get(topic) ?? []) handle(payload, topic);
      for (const filter of wildcards) {
        if (takesIn(filter, topic)) for (const handle of handlers.get(filter) ?? []) handle(payload, topic);
      }
    });
    return opened;
  }

  // A message the broker refuses to read is never acknowledged and is sent again on each reconnect, for ever: only a
  // new client gets rid of it.
  const watchdog = setInterval(() => {
    const oldest = inFlight.values().next().value;
    if (!oldest || performance.now() - oldest.sentAt < ackTimeoutMs) return;
    options.logger.error({ inFlight: inFlight.size }, "the broker acknowledges nothing, starting a new connection");
    for (const { abandon } of inFlight) abandon(new Error("the broker acknowledged nothing"));
    inFlight.clear();
    client.end(true);
    client = open();
  }, watchdogPeriodMs);
  watchdog.unref();

  return {
    isConnected: () => client.connected,

    publish(topic, payload, { contentType, retain = false, expiryS }) {
      if (!client.connected) return Promise.reject(new Error("the broker is away"));
      return new Promise((resolve, reject) => {
        const sent = { sentAt: performance.now(), abandon: reject };
        inFlight.add(sent);
        const properties = {
          ...(contentType !== undefined && { contentType }),
          ...(expiryS !== undefined && { messageExpiryInterval: expiryS }),
        };
        client.publish(topic, payload, { qos: 1, retain, properties }, (error) => {
          inFlight.delete(sent);
          if (error) reject(error);
          else resolve();
        });
      });
    },

    subscribe(topic, handle) {
      const ofTopic = handlers.get(topic) ?? new Set();
      handlers.set(topic, ofTopic.add(handle));
      if (topic.includes("+")) wildcards.add(topic);
      if (ofTopic.size === 1 && client.connected) client.subscribe(topic, { qos: 1 });
      return () => {
        ofTopic.delete(handle);
        if (ofTopic.size > 0) return;
        handlers.delete(topic);
        wildcards.delete(topic);
        if (client.connected) client.unsubscribe(topic);
      };
    },

    onConnect(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async close() {
      clearInterval(watchdog);
      await client.endAsync(true).catch(() => undefined);
    },
  };
}

function takesIn(filter: string, topic: string): boolean {
  const [wanted, given] = [filter.split("/"), topic.split("/")];
  return wanted.length === given.length && wanted.every((level, index) => level === "+" || level === given[index]);
}
