import type { AnyElysia } from "elysia";
import type { Door } from "../service/door.ts";
import { lifecycleOf } from "./lifecycle.ts";

export type OpenDoor = Door & { port: number; url: string };

export type OpenAppOptions = {
  /** The address to listen on; 0.0.0.0 for all. */
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** How long requests in flight may take once the app closes; then they are cut. */
  drainTimeoutMs?: number;
  /** How long it still accepts while `/readyz` says 503, for a balancer that asks now and then; none by default. */
  announceMs?: number;
  /**
   * How long a connection may make no progress: no head, no body, no answer. Bun counts it from the beginning of each, so a
   * client that sends a byte now and then is cut too. 0, the default, is for ever.
   */
  idleTimeoutS?: number;
  /** First of all when it closes: takes the instance out of the lists that others choose from. */
  leave?: () => Promise<void>;
};

/**
 * Above the bound of a call, so that a call too large gets an answer that says so. What announces more than this
 * is refused by the server itself, with a bare 413.
 */
const maxRequestBodyBytes = 16 * 1_048_576;
const drainPollMs = 10;

/** Listens. Throws an error that names the port when it is taken. Closing it drains what is in flight. */
export async function openApp(
  app: AnyElysia,
  { host, port, drainTimeoutMs = 5_000, announceMs = 0, idleTimeoutS = 0, leave }: OpenAppOptions,
): Promise<OpenDoor> {
  listen(app, { host, port, idleTimeoutS });
  const { server } = app;
  if (server?.port === undefined) throw new Error(`The server on ${host}:${port} did not open`);
  const open = server;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${open.port}`;
  let closed: Promise<void> | undefined;
  return {
    name: `http ${url}`,
    port: server.port,
    url,
    close() {
      closed ??= drain();
      return closed;
    },
  };

  async function drain(): Promise<void> {
    lifecycleOf(app).stop();
    await leave?.();
    if (announceMs > 0) await Bun.sleep(announceMs);
    // Its promise also waits for idle connections, which may stay for as long as the other side likes.
    void open.stop();
    const giveUpAtMs = performance.now() + drainTimeoutMs;
    while (open.pendingRequests > 0 && performance.now() < giveUpAtMs) await Bun.sleep(drainPollMs);
    await open.stop(true);
  }
}

type Listening = { host: string; port: number; idleTimeoutS: number };

function listen(app: AnyElysia, { host, port, idleTimeoutS }: Listening): void {
  try {
    // Elysia's own idle timeout would cut a subscription between two pings; its default of sharing the port would let
    // two services answer at random.
    const bounds = { idleTimeout: idleTimeoutS, maxRequestBodySize: maxRequestBodyBytes };
    app.listen({ hostname: host, port, reusePort: false, ...bounds });
  } catch (cause) {
    const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    if (!isTaken) throw cause;
    const advice =
      "stop the process that listens there, or choose another port (PORT, HEALTH_PORT, or --port-base of `up`; 0 picks a free one)";
    throw new Error(`Port ${port} on ${host} is taken: ${advice}`, { cause });
  }
}
