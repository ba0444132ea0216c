import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { UsageError } from "../usage-error.ts";
import { type Connection, quoted, type Table } from "./database-parts.ts";
import type { TableCopy } from "./manifest.ts";

/** What is held in memory at once: an event may have 256 kB. */
const maxRowsAtOnce = 500;
const maxCharactersAtOnce = 4_000_000;

/**
 * Writes all rows of the table, packed: a line each, a JSON array of what PostgreSQL says each column is as text. Not by
 * `copy … to stdout`: under Bun 1.4.5 postgres.js 3.4.9 waits for ever once the disk is slower than the server.
 */
export async function copyOut(
  sql: Connection,
  { folder, service, table }: { folder: string; service: string; table: Table },
): Promise<TableCopy> {
  const file = `${service}/${table.schema}.${table.name}.rows.gz`;
  const texts = table.columns.map(({ name }) => `${quoted(name)}::text`).join(", ");
  const query = `select json_build_array(${texts})::text as line from ${quoted(table.schema, table.name)}`;
  const hash = createHash("sha256");
  let rows = 0;
  async function* lines() {
    for await (const page of sql.unsafe<{ line: string }[]>(query).cursor(maxRowsAtOnce)) {
      rows += page.length;
      yield page.map(({ line }) => `${line}\n`).join("");
    }
  }
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  // Slower packing saves little: the disk and PostgreSQL are the slow ones.
  const to = createWriteStream(join(folder, file), { mode: 0o600 });
  await pipeline(Readable.from(lines(), { objectMode: false }), createGzip({ level: 1 }), hashing, to);
  return { ...table, rows, file, sha256: hash.digest("hex") };
}

/** Throws a UsageError when the file is not the one that the backup wrote. */
export async function requireWhole(folder: string, { file, sha256 }: TableCopy): Promise<void> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(join(folder, file))) hash.update(chunk);
  if (hash.digest("hex") !== sha256) throw new UsageError(`${join(folder, file)} is not as it was written.`);
}

/** Adds the rows to the table. Throws when it is not as many as were written. */
export async function copyIn(sql: Connection, folder: string, table: TableCopy): Promise<void> {
  const names = table.columns.map(({ name }) => quoted(name)).join(", ");
  const values = table.columns.map(({ type }, index) => `(line->>${index})::${type}`).join(", ");
  const insert = `
    insert into ${quoted(table.schema, table.name)} (${names}) overriding system value
    select ${values} from jsonb_array_elements($1::text::jsonb) line`;
  let [rows, held, characters] = [0, [] as string[], 0];
  const flush = async () => {
    if (held.length > 0) await sql.unsafe(insert, [`[${held.join(",")}]`]);
    rows += held.length;
    [held, characters] = [[], 0];
  };
  for await (const line of readLines(join(folder, table.file))) {
    held.push(line);
    characters += line.length;
    if (held.length === maxRowsAtOnce || characters > maxCharactersAtOnce) await flush();
  }
  await flush();
  if (rows !== table.rows) throw new Error(`${table.file} holds ${rows} rows, ${table.rows} were written`);
}

/** Not by `readline`, which takes for the end of a line what may stand within one, such as U+2028. */
async function* readLines(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for await (const chunk of createReadStream(file).pipe(createGunzip())) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") throw new Error(`${file} ends within a line`);
}
