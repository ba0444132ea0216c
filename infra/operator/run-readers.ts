import { parseArgs } from "node:util";
import type { Environment } from "@orderflow/common/config/read-config";
import { readSkipped, type SkippedRange } from "@orderflow/common/messaging/begin-reader";
import { SQL } from "bun";
import type { DatabaseUrls } from "../audit/snapshots.ts";
import { textTable } from "../command-line/text-table.ts";
import { UsageError } from "../usage-error.ts";
import { runBegin } from "./begin-reader.ts";
import { readDatabaseUrls } from "./database-urls.ts";
import { listenersOf, producerOf, streamOf } from "./listeners.ts";

type Reader = { stream: string; reader: string; position: number; seenAt: Date | null; forgottenAt: Date | null };
type Skipped = SkippedRange & { reader: string };
type Stream = { stream: string; head: number; floor: number; readers: Reader[]; skipped: Skipped[] };
type Options = { forget?: { stream: string; reader: string }; isJson: boolean };

const producers = ["order", "inventory", "worker"] as const;

/** Returns the exit code. */
export async function runReaders(args: string[], env: Environment): Promise<number> {
  if (args[0] === "begin") return runBegin(args.slice(1), env);
  const { forget, isJson } = parse(args);
  const urls = readDatabaseUrls(env);
  if (forget) {
    await withDatabase(urls[producerOf(streamOf(forget.stream))], (sql) => forgetReader(sql, forget));
    console.log(`${forget.stream} is no longer kept for ${forget.reader}.`);
    return 0;
  }
  const found = (await Promise.all(producers.map((service) => withDatabase(urls[service], readStreams)))).flat();
  const streams = await Promise.all(found.map(async (row) => ({ ...row, skipped: await skippedOf(row.stream, urls) })));
  console.log(isJson ? JSON.stringify(streams, null, 2) : toText(streams));
  return 0;
}

/** By each that listens to it. */
async function skippedOf(stream: string, urls: DatabaseUrls): Promise<Skipped[]> {
  const ranges = listenersOf(streamOf(stream)).map(async (reader) => {
    const skipped = await withDatabase(urls[reader], (sql) => readSkipped(sql, stream));
    return skipped.map((range) => ({ reader, ...range }));
  });
  return (await Promise.all(ranges)).flat();
}

async function readStreams(sql: SQL): Promise<Omit<Stream, "skipped">[]> {
  const streams: Omit<Stream, "readers" | "skipped">[] = await sql`
    select name as stream, head::float8 as head, coalesce(
      (select position from event where event.stream = name order by position limit 1), 1)::float8 as floor
    from stream order by name`;
  const readers: Reader[] = await sql`
    select stream, reader, position::float8 as position, seen_at as "seenAt", forgotten_at as "forgottenAt"
    from stream_reader order by stream, reader`;
  return streams.map((row) => ({ ...row, readers: readers.filter(({ stream }) => stream === row.stream) }));
}

async function forgetReader(sql: SQL, { stream, reader }: { stream: string; reader: string }): Promise<void> {
  const forgotten: unknown[] = await sql`
    update stream_reader set forgotten_at = coalesce(forgotten_at, now())
    where stream = ${stream} and reader = ${reader} returning reader`;
  if (forgotten.length === 0) throw new UsageError(`Nobody named ${reader} reads ${stream}.`);
}

async function withDatabase<T>(url: string, work: (sql: SQL) => Promise<T>): Promise<T> {
  const sql = new SQL({ url, max: 1, connectionTimeout: 10 });
  try {
    return await work(sql);
  } finally {
    await sql.close();
  }
}

function toText(streams: Stream[]): string {
  const rows = streams.flatMap(({ stream, head, floor, readers }) =>
    readers.map(({ reader, position, seenAt, forgottenAt }) => [
      ...[stream, String(floor), String(head), reader, String(position)],
      forgottenAt ? `forgotten ${forgottenAt.toISOString()}` : (seenAt?.toISOString() ?? "never"),
    ]),
  );
  const skipped = streams.flatMap((row) =>
    row.skipped.map(({ reader, after, to, reason, by, at }) => {
      return `${reader} skipped ${after + 1} to ${to} of ${row.stream}: ${reason} (${by}, ${at.toISOString()})`;
    }),
  );
  return [textTable([["stream", "kept from", "head", "reader", "is at", "said so"], ...rows]), ...skipped].join("\n");
}

function parse(args: string[]): Options {
  try {
    const { values, positionals } = parseArgs({ args, options: { json: { type: "boolean" } }, allowPositionals: true });
    const isJson = values.json === true;
    const [verb, stream, reader] = positionals;
    if (verb === undefined) return { isJson };
    if (verb !== "forget" || !stream || !reader || positionals.length > 3)
      throw new Error("expected forget <stream> <reader> or begin <stream> <reader>");
    return { isJson, forget: { stream, reader } };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error} (see --help)`);
  }
}
