import { createRandom, type Random } from "@orderflow/tools/chaos/seeded-random";
import postgres from "postgres";
import { type HttpConnection, openHttpConnection } from "../system/http-connection.ts";
import { type Quantiles, quantilesOf } from "../system/quantiles.ts";
import type { OpenShop } from "./open-shop.ts";
import { type Query, type Readable, type Reading, readings } from "./readings.ts";

export type ReadRow = { reading: string; small: Quantiles; grown: Quantiles };

type Reader = {
  shop: OpenShop;
  readable: Readable;
  connections: Record<"customer" | "operator", HttpConnection>;
  random: Random;
};

/** Each kind of reading so many times, in the one shop and the other in turns, by one client. */
export async function readRounds(shops: OpenShop[], { reads, seed }: { reads: number; seed: number }) {
  const readers = await Promise.all(shops.map((shop) => openReader(shop, seed)));
  try {
    const rows: ReadRow[] = [];
    for (const reading of readings) {
      const times: Record<OpenShop["name"], number[]> = { small: [], grown: [] };
      // The first ones open connections and make plans; the small shop's code runs as hot as the grown one's.
      for (let read = -Math.ceil(reads / 10); read < reads; read++) {
        for (const reader of readers) {
          const ms = await readOnce(reader, reading);
          if (read >= 0) times[reader.shop.name].push(ms);
        }
      }
      rows.push({ reading: reading.name, small: quantilesOf(times.small), grown: quantilesOf(times.grown) });
    }
    return rows;
  } finally {
    for (const { connections } of readers) for (const connection of Object.values(connections)) connection.close();
  }
}

async function openReader(shop: OpenShop, seed: number): Promise<Reader> {
  const { hostname: host, port } = new URL(shop.bench.system.gateway);
  const connect = (who: "customer" | "operator") =>
    openHttpConnection({ host, port: Number(port), headers: shop.headers[who] });
  const connections = { customer: connect("customer"), operator: connect("operator") };
  return { shop, readable: await drawReadable(shop), connections, random: createRandom(seed) };
}

async function readOnce({ readable, connections, random }: Reader, { who, query, name }: Reading): Promise<number> {
  const path = pathOf(query(readable, random));
  const startedAt = performance.now();
  const { status, body } = await connections[who].ask({ method: "GET", path });
  const ms = performance.now() - startedAt;
  if (status !== 200) throw new Error(`${name} answered ${status}: ${body.toString().slice(0, 300)}`);
  return ms;
}

function pathOf({ procedure, input }: Query): string {
  return `/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`;
}

const drawn = 2_000;

async function drawReadable({ bench, catalogue }: OpenShop): Promise<Readable> {
  const sql = postgres(await bench.databaseUrl("order"), { max: 1 });
  try {
    const any = await sql<{ id: string }[]>`
      select id from customer_order where customer_id like 'growth-%' order by random() limit ${drawn}`;
    const own = await sql<{ id: string }[]>`
      select id from customer_order
      where customer_id = (select customer_id from customer_order group by customer_id order by count(*) desc limit 1)
      order by random() limit ${drawn}`;
    const step = Math.max(1, Math.floor(catalogue.count / drawn));
    const skus = Array.from(
      { length: Math.min(drawn, catalogue.count) },
      (_, index) => `${catalogue.prefix}${String(index * step).padStart(catalogue.digits, "0")}`,
    );
    return { orderIds: any.map(({ id }) => id), ownOrderIds: own.map(({ id }) => id), skus };
  } finally {
    await sql.end();
  }
}
