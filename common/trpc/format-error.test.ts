import { expect, test } from "bun:test";
import { getTRPCErrorShape, initTRPC, TRPCError } from "@trpc/server";
import fc from "fast-check";
import { z } from "zod";
import { Refusal, type RefusalReason, refusalCodes, Unavailable } from "../errors.ts";
import { startTracing } from "../observability/start-tracing.ts";
import { withSpan } from "../observability/tracing.ts";
import { trpcOptions } from "./format-error.ts";
import { retryAfterS } from "./translate-error.ts";

const config = initTRPC.create(trpcOptions).router({})._def._config;

function shapeOf(error: TRPCError, type: "query" | "unknown" = "query") {
  return getTRPCErrorShape({ config, error, type, path: "place", input: undefined, ctx: {} });
}

const fault = (cause: unknown) => new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause });

test.each(Object.keys(refusalCodes) as RefusalReason[])(
  "the refusal %s keeps its reason, its words and its code",
  (reason) => {
    const { message, data } = shapeOf(fault(new Refusal(reason, "It cannot be")));
    expect(message).toBe("It cannot be");
    expect(data).toMatchObject({ code: refusalCodes[reason], reason, path: "place" });
    expect(data.httpStatus).toBeWithin(400, 500);
  },
);

test.each([
  ["PARSE_ERROR", 400, "invalid_input"],
  ["BAD_REQUEST", 400, "invalid_input"],
  ["UNAUTHORIZED", 401, "unauthenticated"],
  ["FORBIDDEN", 403, "forbidden"],
  ["METHOD_NOT_SUPPORTED", 405, "method_not_supported"],
  ["PAYLOAD_TOO_LARGE", 413, "payload_too_large"],
  ["UNSUPPORTED_MEDIA_TYPE", 415, "unsupported_media_type"],
  ["TOO_MANY_REQUESTS", 429, "rate_limited"],
  ["SERVICE_UNAVAILABLE", 503, "dependency_unavailable"],
  ["TIMEOUT", 408, undefined],
] as const)("%s is answered %i with the reason %s", (code, httpStatus, reason) => {
  const { message, data } = shapeOf(new TRPCError({ code, message: "words" }));
  expect({ message, ...data }).toEqual({
    message: "words",
    code,
    httpStatus,
    path: "place",
    ...(reason && { reason }),
  });
});

test("a procedure that does not exist is told apart from a thing that does not", () => {
  const missing = new TRPCError({ code: "NOT_FOUND", message: "None" });
  expect(shapeOf(missing, "unknown").data.reason).toBe("unknown_procedure");
  expect(shapeOf(missing).data.reason).toBeUndefined();
});

test("bad input names its fields, at most 50 of them", () => {
  const schema = z.object({ lines: z.array(z.object({ quantity: z.int() })) });
  const lines = Array.from({ length: 80 }, () => ({ quantity: 0.5 }));
  const { error } = schema.safeParse({ lines });
  const { data } = shapeOf(new TRPCError({ code: "BAD_REQUEST", cause: error }));
  expect(data.reason).toBe("invalid_input");
  expect(data.fields?.["lines.0.quantity"]).toEqual(["Invalid input: expected int, received number"]);
  expect(Object.keys(data.fields ?? {})).toHaveLength(50);
});

test("an input that is wrong as a whole is the field `input`", () => {
  const { error } = z.string().safeParse(1);
  const { data } = shapeOf(new TRPCError({ code: "BAD_REQUEST", cause: error }));
  expect(Object.keys(data.fields ?? {})).toEqual(["input"]);
});

test("nothing of an unexpected error leaves, whatever it is", () => {
  const words = fc.string({ minLength: 1 }).map((text) => `secret ${text}`);
  const thrown = fc.oneof(
    words,
    words.map((text) => new Error(text)),
    words.map((text) => new Error("outer", { cause: new Error(text) })),
    words.map((text) => ({ message: text, reason: text, issues: text })),
    words.map((text) => Object.assign(new TypeError(text), { code: "BAD_REQUEST", data: { reason: text } })),
  );
  fc.assert(
    fc.property(thrown, (cause) => {
      const shape = shapeOf(fault(cause));
      expect(shape).toEqual({
        message: "Internal server error",
        code: -32603,
        data: { code: "INTERNAL_SERVER_ERROR", httpStatus: 500, path: "place" },
      });
    }),
  );
});

test("an input that could not be read does not quote why", () => {
  const cause = new Error("secret socket");
  expect(shapeOf(new TRPCError({ code: "BAD_REQUEST", cause })).message).toBe("The input cannot be read");
});

test("the trace id is that of the scope", async () => {
  const tracing = await startTracing({ service: "test", instance: "1", sampleRatio: 1 });
  const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  const shape = await withSpan("call", { trace }, async () => shapeOf(fault("x")));
  await tracing.stop();
  expect(shape.data.traceId).toBe("0af7651916cd43dd8448eb211c80319c");
});

test("the longest wait asked for is the one told", () => {
  const wait = (seconds: number) => fault(new Unavailable("overloaded", "Later", { retryAfterS: seconds }));
  expect(retryAfterS([wait(1), undefined, wait(3), fault("x")])).toBe(3);
  expect(retryAfterS([undefined, fault("x")])).toBeUndefined();
});

test.each([
  ["a backend that was shut down", { errno: "57P01" }],
  ["a refused connection", { code: "ECONNREFUSED" }],
  ["a closed connection, behind Drizzle's error", { cause: { code: "ERR_POSTGRES_CONNECTION_CLOSED" } }],
])("%s is answered 503 with the time to come back, and says nothing of it", (_, cause) => {
  const error = fault(Object.assign(new Error("postgres://secret"), cause));
  const { message, data } = shapeOf(error);
  expect(data).toMatchObject({ httpStatus: 503, reason: "dependency_unavailable" });
  expect(message).not.toContain("secret");
  expect(retryAfterS([error])).toBe(1);
});

test("a table that is missing is our fault, not an outage", () => {
  const error = fault(Object.assign(new Error("no such table"), { errno: "42P01" }));
  expect(shapeOf(error).data).toMatchObject({ httpStatus: 500 });
  expect(retryAfterS([error])).toBeUndefined();
});
