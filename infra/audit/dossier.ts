/** An event in a stream, without its data. */
export type LogEntry = { stream: string; position: number; id: string; type: string };

/** Units of each SKU. */
export type Units = Record<string, number>;

/** All that the services' databases hold about one order. */
export type Dossier = {
  orderId: string;
  order?: { status: string; placedAt: string };
  lines: Units;
  /** What order has told of it: events and commands, in order of position. */
  orderLog: LogEntry[];
  reservations: { sku: string; quantity: number; status: string }[];
  /** What inventory has told of it. */
  stockLog: LogEntry[];
  shipments: { status: string; lines: Units }[];
  /** A job of its shipment has no attempts left. */
  hasExhaustedJob: boolean;
  /** What worker has told of it. */
  shipmentLog: LogEntry[];
  deliveries: { eventId: string; kind: string; channel: string }[];
  /** Who set aside events about it, of which stream: dead letters, and those that an operator gave up. */
  setAside: { consumer: string; stream: string }[];
  /** Ids of events of order that notify has applied, and that were lost with an older copy of order's database. */
  lostEvents: string[];
};

/** What is known of the streams as of the same moments: how far they were heard, and from when on they are kept. */
export type Books = {
  /** The position that a consumer has applied, by consumer and stream. */
  heard: Record<string, Record<string, number>>;
  /** What an operator had a consumer skip: positions past one up to another. */
  skipped: { consumer: string; stream: string; after: number; to: number }[];
  /** ISO 8601. Events of a stream, or deliveries, up to this instant may have been pruned; absent while none were. */
  keptSince: Record<string, string | undefined>;
};

export function emptyDossier(orderId: string): Dossier {
  return {
    orderId,
    lines: {},
    orderLog: [],
    reservations: [],
    stockLog: [],
    shipments: [],
    hasExhaustedJob: false,
    shipmentLog: [],
    deliveries: [],
    setAside: [],
    lostEvents: [],
  };
}

export function eventOf(log: LogEntry[], type: string): LogEntry | undefined {
  return log.find((entry) => entry.type === type);
}

/** Whether a consumer has applied this event: at or before its cursor, not skipped, and nothing about the order was set aside. */
export function hasHeard(dossier: Dossier, books: Books, consumer: string, entry: LogEntry | undefined): boolean {
  if (!entry || isSetAside(dossier, consumer)) return false;
  const { stream, position } = entry;
  const isSkipped = books.skipped.some(
    (range) => range.consumer === consumer && range.stream === stream && position > range.after && position <= range.to,
  );
  return !isSkipped && position <= (books.heard[consumer]?.[stream] ?? 0);
}

/** A consumer that set an event aside owes no effect of it, nor of what waits behind it. */
export function isSetAside({ setAside }: Dossier, consumer: string): boolean {
  return setAside.some((letter) => letter.consumer === consumer);
}

/** Whether all that these streams, or `deliveries`, ever had about the order is still there. */
export function isKept({ order }: Dossier, books: Books, ...streams: string[]): boolean {
  return streams.every((stream) => {
    const since = books.keptSince[stream];
    return since === undefined || (order !== undefined && order.placedAt > since);
  });
}

export function sameUnits(a: Units, b: Units): boolean {
  const skus = Object.keys(a);
  return skus.length === Object.keys(b).length && skus.every((sku) => a[sku] === b[sku]);
}

export function toWords(units: Units): string {
  return (
    Object.entries(units)
      .map(([sku, quantity]) => `${quantity} × ${sku}`)
      .join(", ") || "nothing"
  );
}
