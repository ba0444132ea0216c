import { afterAll, expect, test } from "bun:test";
import { serveOurs } from "./testing/serve-both.ts";

const served = serveOurs();
afterAll(() => served.close());

const json = { "content-type": "application/json" };
const post = (body: string, headers: Record<string, string> = json): RequestInit => ({ method: "POST", headers, body });

type Row = { what: string; path: string; init?: RequestInit; data: Record<string, unknown> };
const rows: Row[] = [
  {
    what: "bad JSON",
    path: "/add",
    init: post("{"),
    data: { code: "PARSE_ERROR", httpStatus: 400, reason: "invalid_input", path: "add" },
  },
  {
    what: "a bad input in a URL",
    path: "/echo?input={",
    data: { code: "PARSE_ERROR", httpStatus: 400, reason: "invalid_input", path: "echo" },
  },
  {
    what: "a wrong field",
    path: "/add",
    init: post('{"lines":[{"quantity":1},{"quantity":0}]}'),
    data: {
      code: "BAD_REQUEST",
      httpStatus: 400,
      reason: "invalid_input",
      path: "add",
      fields: { "lines.1.quantity": ["Too small: expected number to be >=1"] },
    },
  },
  {
    what: "text that PostgreSQL cannot store",
    path: "/echo",
    init: post(String.raw`{"text":"a\u0000"}`),
    data: { code: "BAD_REQUEST", httpStatus: 400, reason: "invalid_input", path: "echo" },
  },
  {
    what: "text that PostgreSQL cannot store, in a URL",
    path: `/echo?input=${encodeURIComponent(String.raw`{"text":"\ud800"}`)}`,
    data: { code: "BAD_REQUEST", httpStatus: 400, reason: "invalid_input", path: "echo" },
  },
  {
    what: "text that PostgreSQL cannot store, in a subscription",
    path: `/ticks?input=${encodeURIComponent(String.raw`{"lastEventId":"\u0000"}`)}`,
    data: { code: "BAD_REQUEST", httpStatus: 400, reason: "invalid_input" },
  },
  {
    what: "an unknown procedure",
    path: "/nowhere",
    data: { code: "NOT_FOUND", httpStatus: 404, reason: "unknown_procedure", path: "nowhere" },
  },
  {
    what: "a name that every object has",
    path: "/constructor",
    data: { code: "NOT_FOUND", httpStatus: 404, reason: "unknown_procedure", path: "constructor" },
  },
  {
    what: "a wrong method",
    path: "/touch",
    data: { code: "METHOD_NOT_SUPPORTED", httpStatus: 405, reason: "method_not_supported", path: "touch" },
  },
  {
    what: "a wrong content type",
    path: "/touch",
    init: post("a=1", { "content-type": "text/plain" }),
    data: { code: "UNSUPPORTED_MEDIA_TYPE", httpStatus: 415, reason: "unsupported_media_type" },
  },
  {
    what: "a refusal",
    path: "/refused",
    init: post("{}"),
    data: { code: "CONFLICT", httpStatus: 409, reason: "out_of_stock", path: "refused" },
  },
  {
    what: "overload",
    path: "/busy",
    data: { code: "SERVICE_UNAVAILABLE", httpStatus: 503, reason: "overloaded", path: "busy" },
  },
  { what: "a fault", path: "/fault", data: { code: "INTERNAL_SERVER_ERROR", httpStatus: 500, path: "fault" } },
];

test.each(rows)("$what is answered as documented, as JSON", async ({ path, init, data }) => {
  const response = await fetch(served.url + path, init);
  const { error } = (await response.json()) as { error: { data: { httpStatus: number } } };
  expect(error.data).toEqual(data as typeof error.data);
  expect(response.status).toBe(error.data.httpStatus);
  expect(response.headers.get("content-type")).toBe("application/json");
});

test("overload says when to come back, in a single call, a batch and a call answered by the library", async () => {
  const calls = ["/busy", "/busy,away,ping?batch=1", "/%62usy?connectionParams={}"];
  const answers = await Promise.all(calls.map((path) => fetch(served.url + path)));
  expect(answers.map(({ headers }) => headers.get("retry-after"))).toEqual(["3", "7", "3"]);
});
