import { parseArgs } from "node:util";
import type { Environment } from "@orderflow/common/config/read-config";
import { type Fork, findFork } from "@orderflow/common/messaging/find-fork";
import { CannotRealign, realign } from "@orderflow/common/messaging/realign";
import { SQL } from "bun";
import { textTable } from "../command-line/text-table.ts";
import { UsageError } from "../usage-error.ts";
import { bringBackOrders } from "./bring-back-orders.ts";
import { readDatabaseUrls } from "./database-urls.ts";
import { type Listener, listenersOf, producerOf, type Stream, streamOf } from "./listeners.ts";

type Options = {
  stream: Stream;
  services: Listener[];
  acceptsLog: boolean;
  bringsBack: boolean;
  givesUp: boolean;
  isJson: boolean;
};
type Found = { service: Listener; fork: Fork };

const maxShown = 20;

/** Returns the exit code. */
export async function runRealign(args: string[], env: Environment): Promise<number> {
  const options = parse(args);
  const { stream, services } = options;
  const urls = readDatabaseUrls(env);
  const open: SQL[] = [];
  const connect = (service: keyof typeof urls): SQL => {
    const sql = new SQL({ url: urls[service], max: 2, connectionTimeout: 10 });
    open.push(sql);
    return sql;
  };
  try {
    const producer = connect(producerOf(stream));
    if (options.acceptsLog && !options.givesUp && stream === "order") {
      for (const service of services) await assertBack({ consumer: connect(service), producer, stream });
    }
    const found: Found[] = [];
    for (const service of services) {
      const ends = { consumer: connect(service), producer, stream };
      found.push({ service, fork: options.acceptsLog ? await accept(ends, env) : await findFork(ends) });
    }
    if (options.bringsBack) return await bringBackOrders({ lost: lostOf(found), connect, env });
    show(found, options);
    return options.acceptsLog || found.every(({ fork }) => fork.state === "continues") ? 0 : 1;
  } finally {
    for (const sql of open) await sql.close();
  }
}

/** Who accepts the log before the lost orders are back keeps their stock, parcels and mails without an order. */
async function assertBack(ends: { consumer: SQL; producer: SQL; stream: Stream }): Promise<void> {
  const { lost } = await findFork(ends);
  const placed = lost.filter(({ type }) => type === "order.created").map(({ key }) => key);
  const rows: { id: string }[] = await ends.producer`
    select id from customer_order where id = any(${ends.producer.array(placed, "TEXT")}::uuid[])`;
  const missing = new Set(placed).difference(new Set(rows.map(({ id }) => id)));
  if (missing.size === 0) return;
  throw new UsageError(
    `${missing.size} lost orders are not back, such as ${[...missing][0]}: --bring-back first, or --give-up-lost too.`,
  );
}

async function accept(ends: { consumer: SQL; producer: SQL; stream: Stream }, env: Environment): Promise<Fork> {
  try {
    return await realign(ends, `realign as ${env.USER || "unknown"}`);
  } catch (error) {
    if (error instanceof CannotRealign) throw new UsageError(error.message);
    throw error;
  }
}

/** Each lost event once, though several applied it. */
function lostOf(found: Found[]): Fork["lost"] {
  return [...new Map(found.flatMap(({ fork }) => fork.lost.map((event) => [event.id, event] as const))).values()];
}

function show(found: Found[], { isJson, acceptsLog, stream }: Options): void {
  if (isJson) {
    console.log(JSON.stringify(found, null, 2));
    return;
  }
  const rows = found.map(({ service, fork: { cursor, producer, lastCommon, lost, state } }) => [
    ...[service, state === "forked" && acceptsLog ? "forked, now realigned" : state, String(cursor.position)],
    ...[cursor.eventId ?? "–", producer.eventIdAtCursor ?? "–", String(producer.head)],
    ...[lastCommon === undefined ? "not remembered" : String(lastCommon), String(lost.length)],
    cursor.logId === null || cursor.logId === producer.logId ? "same" : `${cursor.logId} / ${producer.logId}`,
  ]);
  const heads = [
    "listener",
    "state",
    "cursor",
    "its event there",
    "the producer's there",
    "head",
    "last common",
    "lost",
  ];
  console.log(textTable([[...heads, "log"], ...rows]));
  const lost = lostOf(found);
  if (lost.length === 0) return;
  console.log(`\nApplied by a listener of ${stream}, and no longer known to its producer (${lost.length}):`);
  const lines = lost.slice(0, maxShown).map(({ position, type, key, id }) => [String(position), type, key, id]);
  console.log(textTable([["position", "type", "key", "id"], ...lines]));
  if (lost.length > maxShown) console.log(`… and ${lost.length - maxShown} more: --json shows all.`);
}

function parse(args: string[]): Options {
  const options = {
    stream: { type: "string" },
    service: { type: "string" },
    "accept-log": { type: "boolean" },
    "bring-back": { type: "boolean" },
    "give-up-lost": { type: "boolean" },
    json: { type: "boolean" },
  } as const;
  try {
    const { values } = parseArgs({ args, options });
    const stream = streamOf(values.stream);
    const [acceptsLog, bringsBack] = [values["accept-log"] === true, values["bring-back"] === true];
    if (acceptsLog && bringsBack) throw new UsageError("One at a time: --bring-back first, then --accept-log.");
    if (bringsBack && stream !== "order") throw new UsageError("--bring-back is for the stream order.");
    const givesUp = values["give-up-lost"] === true;
    if (givesUp && !acceptsLog) throw new UsageError("--give-up-lost goes with --accept-log.");
    const services = listenersOf(stream, values.service);
    return { stream, services, acceptsLog, bringsBack, givesUp, isJson: values.json === true };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error} (see --help)`);
  }
}
