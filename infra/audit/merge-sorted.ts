type Keyed = { key: string };

/** What the sources have under a key: each row with the number of its source. */
export type Merged<Row extends Keyed> = { key: string; found: [source: number, row: Row][] };

/** Walks sources that are each in order of their keys, as one: every key once. Holds one row of each source. */
export async function* mergeSorted<Row extends Keyed>(sources: AsyncGenerator<Row>[]): AsyncGenerator<Merged<Row>> {
  try {
    const heads: (Row | undefined)[] = await Promise.all(sources.map((source) => advance(source)));
    for (;;) {
      const key = leastKey(heads);
      if (key === undefined) return;
      const found: Merged<Row>["found"] = [];
      for (const [index, source] of sources.entries()) {
        // A source may have a key several times.
        for (;;) {
          const row: Row | undefined = heads[index];
          if (row?.key !== key) break;
          found.push([index, row]);
          heads[index] = await advance(source);
        }
      }
      yield { key, found };
    }
  } finally {
    await Promise.all(sources.map((source) => source.return(undefined)));
  }
}

function leastKey(heads: (Keyed | undefined)[]): string | undefined {
  return heads.reduce<string | undefined>(
    (least, head) => (head && (least === undefined || head.key < least) ? head.key : least),
    undefined,
  );
}

async function advance<Row>(source: AsyncGenerator<Row>): Promise<Row | undefined> {
  const next = await source.next();
  return next.done ? undefined : next.value;
}
