import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { instant } from "../database/instant.ts";

/** One row per stream this service produces. Its row lock, held until commit, is what makes positions gapless. */
export const stream = pgTable("stream", {
  name: text("name").primaryKey(),
  logId: uuid("log_id").notNull().defaultRandom(),
  head: bigint("head", { mode: "number" }).notNull().default(0),
  lastId: uuid("last_id"),
  beforeId: uuid("before_id"),
});

/** The log: what happened, at its position. Rows are only ever inserted, and pruned from the low end. */
export const event = pgTable(
  "event",
  {
    stream: text("stream").notNull(),
    position: bigint("position", { mode: "number" }).notNull(),
    id: uuid("id").notNull(),
    type: text("type").notNull(),
    key: text("key").notNull(),
    time: instant("time").notNull(),
    traceparent: text("traceparent"),
    correlationId: text("correlation_id"),
    causationId: text("causation_id"),
    data: jsonb("data").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.stream, table.position] }),
    check("event_data_bytes", sql`pg_column_size(${table.data}) <= 524288`),
  ],
);

/**
 * Who listens to a stream of this service, and how far each has said to be: nothing at or past the lowest is pruned.
 * `seen_at` is null until it has said so; one that an operator forgot holds nothing until it is heard of again.
 */
export const streamReader = pgTable(
  "stream_reader",
  {
    stream: text("stream").notNull(),
    reader: text("reader").notNull(),
    position: bigint("position", { mode: "number" }).notNull().default(0),
    seenAt: instant("seen_at"),
    forgottenAt: instant("forgotten_at"),
  },
  (table) => [primaryKey({ columns: [table.stream, table.reader] })],
);

/** How far this service has applied a stream, and which event of which log stands there. */
export const cursor = pgTable("cursor", {
  stream: text("stream").primaryKey(),
  position: bigint("position", { mode: "number" }).notNull().default(0),
  logId: uuid("log_id"),
  eventId: uuid("event_id"),
  deadLetters: integer("dead_letters").notNull().default(0),
});

/** Events that could not be applied, and later events of the same aggregate parked behind them. */
export const deadLetter = pgTable(
  "dead_letter",
  {
    stream: text("stream").notNull(),
    position: bigint("position", { mode: "number" }).notNull(),
    key: text("key").notNull(),
    event: jsonb("event").notNull(),
    isParked: boolean("is_parked").notNull(),
    error: text("error").notNull(),
    stack: text("stack"),
    attempts: integer("attempts").notNull(),
    buriedAt: instant("buried_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.stream, table.position] }),
    index("dead_letter_by_key").on(table.stream, table.key, table.position),
  ],
);

/** Dead letters that an operator gave up, with who and why. Rows are only ever inserted. */
export const discardedDeadLetter = pgTable(
  "discarded_dead_letter",
  {
    stream: text("stream").notNull(),
    position: bigint("position", { mode: "number" }).notNull(),
    discardedAt: instant("discarded_at").notNull().defaultNow(),
    key: text("key").notNull(),
    event: jsonb("event").notNull(),
    error: text("error").notNull(),
    attempts: integer("attempts").notNull(),
    buriedAt: instant("buried_at").notNull(),
    discardedBy: text("discarded_by").notNull(),
    reason: text("reason").notNull(),
  },
  // Positions come again after a producer was restored, so the instant is part of the key.
  (table) => [primaryKey({ columns: [table.stream, table.position, table.discardedAt] })],
);

/** Which events led to the cursor, a row per batch, `events` as [id, type, key]: so that a fork of the history can be found. */
export const cursorTrail = pgTable(
  "cursor_trail",
  {
    stream: text("stream").notNull(),
    position: bigint("position", { mode: "number" }).notNull(),
    events: jsonb("events").notNull(),
  },
  (table) => [primaryKey({ columns: [table.stream, table.position] })],
);

/** Events that this service never applies, as an operator decided: those past one position up to another. */
export const skippedRange = pgTable(
  "skipped_range",
  {
    stream: text("stream").notNull(),
    skippedAt: instant("skipped_at").notNull().defaultNow(),
    afterPosition: bigint("after_position", { mode: "number" }).notNull(),
    toPosition: bigint("to_position", { mode: "number" }).notNull(),
    logId: uuid("log_id").notNull(),
    skippedBy: text("skipped_by").notNull(),
    reason: text("reason").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.stream, table.skippedAt] }),
    check("skipped_range_forward", sql`${table.toPosition} > ${table.afterPosition}`),
  ],
);

/**
 * Events that were applied here and that their producer then lost with an older copy of its database: what they did
 * stays. Written when an operator accepts the producer's history.
 */
export const lostEvent = pgTable(
  "lost_event",
  {
    id: uuid("id").primaryKey(),
    stream: text("stream").notNull(),
    position: bigint("position", { mode: "number" }).notNull(),
    type: text("type").notNull(),
    key: text("key").notNull(),
    acceptedAt: instant("accepted_at").notNull().defaultNow(),
  },
  (table) => [index("lost_event_by_key").on(table.key)],
);
