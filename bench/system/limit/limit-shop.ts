import type postgres from "postgres";
import { skuCount } from "../draw-lines.ts";

/**
 * What one order costs a database that takes them one by one: the tables a simple shop has, in one database, with the
 * columns and indexes ours have. Its products never run out, so that each transaction does all of the work.
 */
export async function createLimitShop(sql: postgres.Sql): Promise<void> {
  await sql`
    create table customer_order (
      id uuid primary key, number bigint not null generated always as identity, customer_id text not null,
      contact_name text not null, contact_email text not null, status text not null, currency text not null,
      total_minor bigint not null, shipping_address jsonb not null, placed_at timestamptz not null
    )`;
  await sql`create index on customer_order (customer_id, id desc)`;
  await sql`create index on customer_order (status, id desc)`;
  await sql`
    create table order_line (
      order_id uuid not null, position smallint not null, sku text not null, name text not null, quantity int not null,
      unit_price_minor bigint not null, primary key (order_id, position)
    )`;
  await sql`
    create table event (
      position bigint generated always as identity primary key, id uuid not null, type text not null, key text not null,
      time timestamptz not null, data jsonb not null
    )`;
  await sql`create table stock (sku int primary key, on_hand int not null, reserved int not null)`;
  await sql`
    create table reservation (
      order_id uuid not null, sku int not null, quantity int not null, status text not null, created_at timestamptz not null,
      primary key (order_id, sku)
    )`;
  await sql`insert into stock select sku, 1000000000, 0 from generate_series(0, ${skuCount - 1}) sku`;
}
