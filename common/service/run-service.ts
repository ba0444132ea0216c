import { ConfigError } from "../config/read-config.ts";
import { faultExitCode } from "../database/deadline.ts";
import { type Logger, processLogger } from "../observability/logger.ts";
import type { Door } from "./door.ts";

/** EX_CONFIG: a restart does not help. */
const configExitCode = 78;

/** Ctrl-C reaches a process twice: from the terminal, and from whoever started it and passes the signal on. */
const sameStopMs = 1_000;

type Options = {
  /** Without one, such as when the configuration could not be read, lines go to the logger made last. */
  logger?: Logger | undefined;
  open: () => Promise<Door[]>;
  /** After every door is closed: pools, the broker, spans that wait to be sent. */
  closeLast?: (() => Promise<void>) | undefined;
  /** For the doors and `closeLast` together. */
  stopTimeoutMs?: number | undefined;
};

/**
 * Lives as the process: opens the doors and, on SIGTERM or SIGINT, closes them in order.
 * Exit codes: 0 stopped cleanly; 1 another signal more than a second after the first, or closing took too long or
 * failed; 70 an error nobody caught, or a start that failed; 78 a ConfigError.
 */
export async function runService({ logger, open, closeLast, stopTimeoutMs = 10_000 }: Options): Promise<void> {
  const log = () => logger ?? processLogger();
  const leave = (error: unknown, message: string): never => {
    log().fatal({ err: error }, message);
    process.exit(faultExitCode);
  };
  process.on("uncaughtException", (error) => leave(error, "Uncaught exception"));
  process.on("unhandledRejection", (reason) => leave(reason, "Unhandled rejection"));

  let stoppingSince: number | undefined;
  let doors: Door[] = [];
  let opening: Promise<Door[]> | undefined;
  const stop = async (signal: string): Promise<void> => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince < sameStopMs) return;
      log().warn({ signal }, "Told twice to stop; leaving at once");
      process.exit(1);
    }
    stoppingSince = performance.now();
    log().info({ signal }, "Stopping");
    setTimeout(() => {
      log().error({ stopTimeoutMs }, "Stopping took too long; leaving");
      process.exit(1);
    }, stopTimeoutMs);
    await opening?.catch(() => {});
    const isClean = await closeInOrder(doors, closeLast, log());
    log().info("Stopped");
    process.exit(isClean ? 0 : 1);
  };
  process.on("SIGTERM", () => void stop("SIGTERM"));
  process.on("SIGINT", () => void stop("SIGINT"));

  try {
    // After the handlers are in place, or a signal during the start would end the process with its doors open.
    opening = open();
    doors = await opening;
  } catch (error) {
    if (error instanceof ConfigError) leaveMisconfigured(error);
    leave(error, "The service could not start");
  }
  if (stoppingSince === undefined) log().info({ doors: doors.map((door) => door.name) }, "Started");
}

/** Writes which settings are wrong, as text a person reads, and exits with 78. */
export function leaveMisconfigured(error: ConfigError): never {
  process.stderr.write(`Cannot start: ${error.message}\n`);
  process.exit(configExitCode);
}

async function closeInOrder(
  doors: Door[],
  closeLast: (() => Promise<void>) | undefined,
  logger: Logger,
): Promise<boolean> {
  let isClean = true;
  const steps = [...doors, ...(closeLast ? [{ name: "context", close: closeLast }] : [])];
  for (const { name, close } of steps) {
    try {
      await close();
      logger.debug({ door: name }, "Closed");
    } catch (error) {
      isClean = false;
      logger.error({ err: error, door: name }, "A door did not close");
    }
  }
  return isClean;
}
