import { parseArgs } from "node:util";
import type { Environment } from "@orderflow/common/config/read-config";
import {
  type BeginAt,
  type Beginning,
  beginReader,
  CannotBegin,
  lookForBeginning,
} from "@orderflow/common/messaging/begin-reader";
import { SQL } from "bun";
import { UsageError } from "../usage-error.ts";
import { readDatabaseUrls } from "./database-urls.ts";
import { type Listener, listenersOf, producerOf, type Stream, streamOf } from "./listeners.ts";

type Options = { stream: Stream; reader: Listener; decision?: { at: BeginAt; reason: string } };

const maxReasonLength = 500;

/** `bun run readers begin …`: looks, or with --at begins. Returns the exit code. */
export async function runBegin(args: string[], env: Environment): Promise<number> {
  const { stream, reader, decision } = parse(args);
  const urls = readDatabaseUrls(env);
  const producer = new SQL({ url: urls[producerOf(stream)], max: 1, connectionTimeout: 10 });
  const consumer = new SQL({ url: urls[reader], max: 1, connectionTimeout: 10 });
  const ends = { consumer, producer, stream };
  try {
    if (!decision) console.log(describe(await lookForBeginning(ends), { stream, reader }));
    else {
      const callerId = `begin as ${env.USER || "unknown"}`;
      const { cursor, places } = await beginReader(ends, { reader, callerId, ...decision });
      const { position } = places[decision.at];
      console.log(
        `${reader} goes on with ${position + 1} of ${stream}. It never applies ${cursor.position + 1} to ${position}.`,
      );
    }
    return 0;
  } catch (error) {
    if (error instanceof CannotBegin) throw new UsageError(error.message);
    throw error;
  } finally {
    await Promise.all([producer.close(), consumer.close()]);
  }
}

function describe({ cursor, isPruned, places }: Beginning, { stream, reader }: Options): string {
  const { floor, head } = places;
  const next = cursor.position + 1;
  const kept = `${stream} is kept from ${floor.position} to ${head.position}.`;
  if (!isPruned && cursor.position > 0) return `${reader} is at ${cursor.position} and can go on by itself. ${kept}`;
  const atFloor = `  --at floor  would never apply ${next} to ${floor.position}, and all after that`;
  const atHead = `  --at head   would never apply ${next} to ${head.position}, only what is told from now on`;
  return [
    `${reader} has applied ${cursor.position === 0 ? "nothing" : `up to ${cursor.position}`} of ${stream}. ${kept}`,
    ...(isPruned ? [atFloor] : ["It begins with the first by itself."]),
    atHead,
  ].join("\n");
}

function parse(args: string[]): Options {
  try {
    const options = { at: { type: "string" }, reason: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [stream, reader] = [streamOf(positionals[0]), positionals[1]];
    const [listener] = reader === undefined ? [] : listenersOf(stream, reader);
    if (!listener || positionals.length > 2) throw new Error("expected begin <stream> <reader>");
    if (values.at === undefined && values.reason === undefined) return { stream, reader: listener };
    const { at, reason = "" } = values;
    if (at !== "floor" && at !== "head") throw new Error("--at is floor or head");
    if (reason.trim() === "" || reason.length > maxReasonLength)
      throw new Error(`--reason says why, in 1 to ${maxReasonLength} characters`);
    return { stream, reader: listener, decision: { at, reason } };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error} (see --help)`);
  }
}
