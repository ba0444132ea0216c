import { expect, test } from "bun:test";
import { DrizzleQueryError } from "drizzle-orm/errors";
import { createLogger } from "./logger.ts";
import { currentTrace, withCorrelation, withSpan } from "./tracing.ts";

function capture(level: "debug" | "info" = "info") {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { lines, logger: createLogger({ service: "order", instance: "order-1", level, destination }) };
}

test("a line has one shape, with the level as a word and the time as ISO 8601", () => {
  const { lines, logger } = capture();
  logger.warn({ orderId: "o-1" }, "Late");
  expect(lines[0]).toEqual({
    level: "warn",
    time: expect.any(String),
    service: "order",
    instance: "order-1",
    orderId: "o-1",
    msg: "Late",
  });
  expect(new Date(String(lines[0]?.time)).toISOString()).toBe(String(lines[0]?.time));
});

test("a line carries the ids of the scope it is written in, also after an await", async () => {
  const { lines, logger } = capture();
  await withCorrelation("c-1", () =>
    withSpan("work", {}, async () => {
      await Bun.sleep(1);
      logger.info("inside");
      expect(lines[0]).toMatchObject({
        traceId: currentTrace().traceId,
        spanId: currentTrace().spanId,
        correlationId: "c-1",
      });
    }),
  );
  expect(lines[0]?.traceId).toMatch(/^[0-9a-f]{32}$/);
});

test("secrets do not reach a line, wherever they are", () => {
  const { lines, logger } = capture();
  const secrets = {
    password: "s3cret",
    headers: { authorization: "s3cret", "Set-Cookie": ["s3cret"], "x-api-key": "s3cret" },
    list: [{ accessToken: "s3cret" }],
  };
  logger.info({ ...secrets, url: "postgres://order:s3cret@db/orders" }, "to mqtt://me:s3cret@broker");
  logger.info("to mqtt://me:s3cret@broker");
  logger.child({ clientSecret: "s3cret" }).info("child");
  logger.error(new Error("cannot reach postgres://order:s3cret@db/orders"));
  expect(lines).toHaveLength(4);
  expect(JSON.stringify(lines)).not.toContain("s3cret");
  expect(lines[0]?.url).toBe("postgres://order:[redacted]@db/orders");
});

test("ids that are called keys stay readable", () => {
  const { lines, logger } = capture();
  logger.info({ idempotencyKey: "i-1", jobKey: "j-1" }, "x");
  expect(lines[0]).toMatchObject({ idempotencyKey: "i-1", jobKey: "j-1" });
});

test("an error is whole, with its causes and SQLSTATE, without SQL and its parameters", () => {
  const { lines, logger } = capture();
  const server = Object.assign(new Error("duplicate key value"), {
    errno: "23505",
    detail: "Key (email)=(ann@example.com) exists",
    constraint: "user_email",
  });
  const failed = new DrizzleQueryError("insert into users values ($1)", ["ann@example.com"], server);
  logger.error({ err: new Error("could not sign up", { cause: failed }) }, "Failed");
  expect(lines[0]?.err).toMatchObject({
    type: "Error",
    message: "could not sign up",
    stack: expect.stringContaining("logger.test.ts"),
    sqlState: "23505",
    cause: {
      message: "Failed query",
      cause: { message: "duplicate key value", constraint: "user_email", sqlState: "23505" },
    },
  });
  expect(JSON.stringify(lines)).not.toContain("ann@example.com");
  expect(JSON.stringify(lines)).not.toContain("insert into");
});

test("what cannot be written as JSON does not break the line", () => {
  const { lines, logger } = capture();
  const circular: Record<string, unknown> = { count: 5n, bytes: new Uint8Array(3), at: new Date(Number.NaN) };
  circular.self = circular;
  logger.info({ circular, many: Array.from({ length: 60 }, (_, at) => at) }, "odd");
  expect(lines[0]).toMatchObject({ msg: "odd", circular: { count: "5", bytes: "[3 bytes]" } });
  expect(lines[0]?.many).toContain("[10 more]");
});

test("a level below the logger's is not written", () => {
  const { lines, logger } = capture();
  logger.debug("quiet");
  expect(lines).toHaveLength(0);
});

test("pretty lines are for people", async () => {
  const script = `
    import { createLogger } from "${import.meta.dir}/logger.ts";
    createLogger({ service: "order", instance: "order-1", pretty: true }).info({ orderId: "o-1" }, "Placed");`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", cwd: import.meta.dir });
  const text = await new Response(child.stdout).text();
  expect(text).toContain("order: Placed");
  expect(text).not.toContain('{"level"');
});
