import { parseArgs } from "node:util";
import { SQL } from "bun";
import { readDatabaseUrls } from "../audit/database-urls.ts";
import { textTable } from "../format/text-table.ts";
import { UsageError } from "../install/usage-error.ts";
import { producerOf, streamOf } from "./listeners.ts";

type Reader = { stream: string; reader: string; position: number; seenAt: Date | null; forgottenAt: Date | null };
type Stream = { stream: string; head: number; floor: number; readers: Reader[] };
type Options = { forget?: { stream: string; reader: string }; isJson: boolean };

const producers = ["order", "inventory", "worker"] as const;

/** Returns the exit code. */
export async function runReaders(args: string[], env = process.env): Promise<number> {
  const { forget, isJson } = parse(args);
  const urls = readDatabaseUrls(env);
  if (forget) {
    await withDatabase(urls[producerOf(streamOf(forget.stream))], (sql) => forgetReader(sql, forget));
    console.log(`${forget.stream} is no longer kept for ${forget.reader}.`);
    return 0;
  }
  const found = (await Promise.all(producers.map((service) => withDatabase(urls[service], readStreams)))).flat();
  console.log(isJson ? JSON.stringify(found, null, 2) : toTable(found));
  return 0;
}

async function readStreams(sql: SQL): Promise<Stream[]> {
  const streams: Omit<Stream, "readers">[] = await sql`
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

function toTable(streams: Stream[]): string {
  const rows = streams.flatMap(({ stream, head, floor, readers }) =>
    readers.map(({ reader, position, seenAt, forgottenAt }) => [
      ...[stream, String(floor), String(head), reader, String(position)],
      forgottenAt ? `forgotten ${forgottenAt.toISOString()}` : (seenAt?.toISOString() ?? "never"),
    ]),
  );
  return textTable([["stream", "kept from", "head", "reader", "is at", "said so"], ...rows]);
}

function parse(args: string[]): Options {
  try {
    const { values, positionals } = parseArgs({ args, options: { json: { type: "boolean" } }, allowPositionals: true });
    const isJson = values.json === true;
    const [verb, stream, reader] = positionals;
    if (verb === undefined) return { isJson };
    if (verb !== "forget" || !stream || !reader || positionals.length > 3)
      throw new Error("expected forget <stream> <reader>");
    return { isJson, forget: { stream, reader } };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error} (see --help)`);
  }
}
