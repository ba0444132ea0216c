import { join, resolve } from "node:path";
import type { Environment } from "@orderflow/common/config/read-config";
import { migrateDatabase } from "@orderflow/common/database/migrate-database";
import type { Apply } from "@orderflow/common/messaging/batch-commit";
import { readEvents } from "@orderflow/common/messaging/read";
import { CannotReplay, replay } from "@orderflow/common/messaging/replay";
import { SQL } from "bun";
import { readOptions } from "../command-line/read-options.ts";
import { UsageError } from "../usage-error.ts";
import { readServiceDatabaseUrl, variableOf } from "./database-urls.ts";
import { listenersOf, producerOf, type Stream, streamOf } from "./listeners.ts";
import { settingOf } from "./setting-of.ts";

type Options = { service: "notify" | "worker"; stream: Stream; to: string; after: number };

const root = resolve(import.meta.dir, "../..");
const progressEveryMs = 2_000;

/** Returns the exit code: 1 when events could not be applied. */
export async function runReplay(args: string[], env: Environment): Promise<number> {
  const { service, stream, to: place, after } = parse(args);
  const to = targetOf(place, service, env);
  const producer = new SQL({ url: readServiceDatabaseUrl(producerOf(stream), env), max: 1, connectionTimeout: 10 });
  const sql = new SQL({ url: to, max: 2, connectionTimeout: 10 });
  const startedAt = performance.now();
  let saidAt = startedAt;
  try {
    await migrateDatabase({ url: to, folder: join(root, service, "repositories/migrations"), hasJobs: true });
    const { applied, buried, position } = await replay({
      sql,
      stream,
      after,
      apply: await applierOf(service, stream),
      readPage: (from, limit) => readEvents(producer, { stream, after: from, limit }),
      onProgress({ position: at, head }) {
        if (performance.now() - saidAt < progressEveryMs) return;
        saidAt = performance.now();
        console.log(`${at} of ${head}`);
      },
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    console.log(`${applied} applied, ${buried} set aside, up to ${position}, in ${seconds.toFixed(1)} s.`);
    return buried > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof CannotReplay) throw new UsageError(error.message);
    throw error;
  } finally {
    await sql.close();
    await producer.close();
  }
}

/** As the service itself wires them; nothing here has an effect outside the database. */
async function applierOf(service: Options["service"], stream: Stream): Promise<Apply> {
  const now = () => new Date();
  const appliers: Partial<Record<string, Apply>> =
    service === "notify"
      ? (await import("../../notify/handlers/consumers.ts")).createAppliers({ operationsEmail: undefined, now })
      : (await import("../../worker/handlers/consumers.ts")).createAppliers({ now });
  const apply = appliers[stream];
  if (!apply) throw new UsageError(`${service} does not listen to ${stream}.`);
  return apply;
}

/** A name alone is that of a database beside the service's own, entered by the service's role. */
function targetOf(place: string, service: Options["service"], env: Environment): string {
  if (place.includes("://")) return place;
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(place)) throw new UsageError("--to is a URL, or a name of a-z, 0-9 and _.");
  const url = new URL(settingOf(`REPLAYED_${variableOf(service)}`, env) ?? readServiceDatabaseUrl(service, env));
  if (url.pathname === `/${place}`) throw new UsageError(`${place} is the database that ${service} works with.`);
  url.pathname = `/${place}`;
  return url.href;
}

function parse(args: string[]): Options {
  const options = {
    service: { type: "string" },
    stream: { type: "string" },
    to: { type: "string" },
    after: { type: "string", default: "0" },
  } as const;
  const values = readOptions(args, options);
  const { service, to } = values;
  const stream = streamOf(values.stream);
  const after = Number(values.after);
  if (service !== "notify" && service !== "worker") throw new UsageError("--service is notify or worker.");
  if (!to) throw new UsageError("--to is a database that is made for this.");
  if (!Number.isInteger(after) || after < 0) throw new UsageError("--after is a position: 0 or more.");
  listenersOf(stream, service);
  return { service, stream, to, after };
}
