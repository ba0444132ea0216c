import type { SQL, TransactionSQL } from "bun";

type Values = {
  boolean: boolean;
  int: number;
  smallint: number;
  bigint: number;
  text: string;
  uuid: string;
  timestamptz: Date | string;
  jsonb: unknown;
};
type Columns = Record<string, keyof Values>;
type Row<Of extends Columns> = { [Name in keyof Of]: Values[Of[Name]] | null | undefined };

/**
 * Rows that a statement takes as one parameter, to select from by these names and types: `from ${rows(tx, lines)} row`.
 * They go as arrays. Of objects PostgreSQL sorts the names and looks each up, which takes it half as long again.
 *
 * What is null or undefined is NULL, in a jsonb too; what does not fit its type fails the statement.
 *
 * @throws when a name is more than letters, digits and underscores: names are part of the statement.
 */
export function rowSet<const Of extends Columns>(columns: Of) {
  const typed = Object.entries(columns);
  for (const word of typed.flat()) {
    if (!/^\w+$/.test(word)) throw new Error(`${JSON.stringify(word)} names no column or type`);
  }
  const names = typed.map(([name]) => name);
  const selected = typed.map(([name, type], place) => `${valueAt(place, type)} as "${name}"`).join(", ");
  return (sql: SQL | TransactionSQL, rows: Row<Of>[]) => {
    const json = JSON.stringify(rows.map((row) => names.map((name) => row[name])));
    return sql`(select ${sql.unsafe(selected)} from jsonb_array_elements(${json}::text::jsonb) as value)`;
  };
}

function valueAt(place: number, type: keyof Values): string {
  return type === "jsonb" ? `nullif(value->${place}, 'null')` : `(value->>${place})::${type}`;
}
