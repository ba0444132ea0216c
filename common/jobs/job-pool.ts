import { Pool, type PoolClient } from "pg";
import { isFault } from "../database/sql-error.ts";
import type { Logger } from "../observability/logger.ts";

type Query = (config: unknown, ...rest: unknown[]) => Promise<unknown>;
type Connected = (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void;

const retryDelayMs = 250;
/**
 * A plan that was made while the queue was empty reads all jobs and sorts them, and is kept. What a runner asks has an
 * index in the order it asks for.
 */
const inOrder = ["seqscan", "bitmapscan", "sort"].map((plan) => `-c enable_${plan}=off`).join(" ");

/**
 * Connections for graphile-worker. It records a job's end with a statement that it does not await: were PostgreSQL away
 * just then, the rejection would be unhandled, and the finished job would run again. Those statements may be repeated,
 * so they are, on a new connection each time, until PostgreSQL is back or the pool closes.
 */
export class JobPool extends Pool {
  readonly #logger: Logger;
  readonly #recording = new Set<Promise<unknown>>();
  #isClosing = false;

  constructor({ url, max, logger }: { url: string; max: number; logger: Logger }) {
    super({
      connectionString: url,
      max,
      application_name: "orderflow jobs",
      options: inOrder,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 8_000,
      query_timeout: 10_000,
      idle_in_transaction_session_timeout: 2_000,
      keepAlive: true,
    });
    this.#logger = logger;
    this.on("error", (error) => logger.debug({ err: error }, "The job runner lost an idle connection"));
    // The query under way is rejected with the same error, which is where it is handled.
    this.on("connect", (client) => client.on("error", () => {}));
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | undefined {
    if (!callback) return Promise.resolve(this.#lazyClient());
    super.connect(callback);
    return undefined;
  }

  connectNow(): Promise<PoolClient> {
    return super.connect();
  }

  /** True while the end of a job is still to be written. */
  isRecording(): boolean {
    return this.#recording.size > 0;
  }

  /** Waits until the end of what ran is recorded, at most `timeoutMs`, then closes the connections. */
  async close(timeoutMs: number): Promise<void> {
    await Promise.race([Promise.allSettled([...this.#recording]), Bun.sleep(timeoutMs)]);
    this.#isClosing = true;
    await this.end();
  }

  /** Takes a connection with its first query, and none to record a job's end: while that is retried it must hold none. */
  #lazyClient(): PoolClient {
    let client: Promise<PoolClient> | undefined;
    const query: Query = async (config, ...rest) => {
      if (recordsEnd(config)) return this.#record(config);
      client ??= this.connectNow();
      const connected = await client;
      return (connected.query.bind(connected) as Query)(config, ...rest);
    };
    const release = async (error?: Error | boolean) => (await client?.catch(() => undefined))?.release(error);
    return { query, release } as unknown as PoolClient;
  }

  #record(config: unknown): Promise<unknown> {
    const recorded = this.#retry(config).finally(() => this.#recording.delete(recorded));
    this.#recording.add(recorded);
    return recorded;
  }

  async #retry(config: unknown): Promise<unknown> {
    for (;;) {
      try {
        return await this.#runOnce(config);
      } catch (error) {
        if (this.#isClosing || !(isFault(error) || isLostConnection(error))) {
          this.#logger.error({ err: error }, "The end of a job could not be recorded; it will run again");
          return { rows: [], rowCount: 0 };
        }
      }
      await Bun.sleep(retryDelayMs);
    }
  }

  async #runOnce(config: unknown): Promise<unknown> {
    const client = await this.connectNow();
    let isBroken = true;
    try {
      const result = await (client.query.bind(client) as Query)(config);
      isBroken = false;
      return result;
    } finally {
      client.release(isBroken);
    }
  }
}

/** graphile-worker names these statements complete_job…, fail_job…. */
function recordsEnd(config: unknown): boolean {
  const name: unknown = typeof config === "object" && config !== null ? Reflect.get(config, "name") : undefined;
  return typeof name === "string" && /^(?:complete|fail)_job/.test(name);
}

/** pg gives these errors no code. */
function isLostConnection(error: unknown): boolean {
  return error instanceof Error && /connection|not queryable|timeout exceeded/i.test(error.message);
}
