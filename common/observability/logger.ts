import { createRequire } from "node:module";
import { type DestinationStream, type LoggerOptions, type Logger as PinoLogger, pino } from "pino";
import { redact, redactText } from "./redact.ts";
import { serializeError } from "./serialize-error.ts";
import { currentTrace } from "./tracing.ts";

export type Logger = PinoLogger;
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

type Options = {
  service: string;
  instance: string;
  level?: LogLevel | undefined;
  pretty?: boolean | undefined;
  /** Where lines go instead of stdout. */
  destination?: DestinationStream | undefined;
};

let latest: Logger | undefined;

/**
 * One JSON object a line: `{ level, time (ISO 8601), service, instance, traceId, spanId, correlationId, …, msg }`.
 * Ids are those of the scope the line is written in. Written synchronously, so that a fatal line outlives the process.
 */
export function createLogger({ service, instance, level = "info", pretty = false, destination }: Options): Logger {
  const options: LoggerOptions = {
    level,
    base: { service, instance },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: {
      level: (label) => ({ level: label }),
      bindings: redact,
      log: redact,
    },
    mixin: scopeIds,
    hooks: {
      logMethod(args, method) {
        method.apply(this, cleanArguments(args) as Parameters<typeof method>);
      },
    },
    // Errors are written by redact, at every depth.
    serializers: { err: (error: unknown) => error },
  };
  const logger = pino(
    options,
    destination ?? (pretty ? prettyStream() : undefined) ?? pino.destination({ dest: 1, sync: true }),
  );
  const child = logger.child;
  // pino does not pass a child's bindings through the formatters; children inherit this.
  logger.child = function (this: Logger, bindings: object, childOptions?: object) {
    return child.call(this, redact(bindings as Record<string, unknown>), childOptions);
  } as typeof child;
  latest = logger;
  return logger;
}

/** The logger this process made last: for what is written on the way out, where none could be passed. */
export function processLogger(): Logger {
  return latest ?? createLogger({ service: "orderflow", instance: String(process.pid) });
}

/** pino would copy an error's message, as it is, to a line that has none. */
function cleanArguments([first, message, ...rest]: unknown[]): unknown[] {
  if (typeof first === "string") return [redactText(first), ...(message === undefined ? [] : [message]), ...rest];
  const fields = first instanceof Error ? { err: first } : first;
  if (typeof message === "string") return [fields, redactText(message), ...rest];
  const error: unknown = typeof fields === "object" && fields !== null ? Reflect.get(fields, "err") : undefined;
  return error instanceof Error ? [fields, redactText(serializeError(error).message)] : [fields];
}

function scopeIds(): object {
  const { traceId, spanId, correlationId } = currentTrace();
  return { traceId, spanId, correlationId };
}

/** In process, since pino's transports are threads that fail in compiled binaries; undefined where pino-pretty is not installed. */
function prettyStream(): DestinationStream | undefined {
  const ignore = "pid,hostname,service,instance,traceId,spanId,correlationId";
  try {
    const pinoPretty = createRequire(import.meta.url)("pino-pretty") as (options: object) => DestinationStream;
    return pinoPretty({
      sync: true,
      destination: 1,
      ignore,
      translateTime: "SYS:HH:MM:ss.l",
      messageFormat: "{service}: {msg}",
    });
  } catch {
    return undefined;
  }
}
