import { afterAll, beforeEach, expect, test } from "bun:test";
import { serveOurs, serveTheirs } from "./testing/serve-both.ts";

const ours = serveOurs();
const theirs = serveTheirs();

afterAll(() => Promise.all([ours.close(), theirs.close()]));
beforeEach(() => {
  ours.failures.length = 0;
  theirs.failures.length = 0;
});

const comparedHeaders = ["vary", "allow", "retry-after", "x-colour", "content-encoding", "transfer-encoding"];

async function seen(url: string, path: string, init: RequestInit) {
  const response = await fetch(url + path, init);
  const headers = comparedHeaders.map((name) => [name, response.headers.get(name)]);
  // What the library refuses before any call goes out as text, though it is JSON; ours says so.
  const contentType = response.headers.get("content-type")?.replace(/^text\/plain.*/, "application/json");
  return { status: response.status, contentType, headers, body: await response.text() };
}

async function expectParity(path: string, init: RequestInit = {}): Promise<string> {
  const [one, other] = await Promise.all([seen(ours.url, path, init), seen(theirs.url, path, init)]);
  expect(one).toEqual(other);
  expect(ours.failures.toSorted()).toEqual(theirs.failures.toSorted());
  return one.body;
}

/** A row shorter than the test's parameters would make the last of them Bun's `done` callback. */
function cases(rows: [string, string, RequestInit?][]): [string, string, RequestInit][] {
  return rows.map(([name, path, init = {}]) => [name, path, init]);
}

const input = (value: unknown) => encodeURIComponent(JSON.stringify(value));
const json = { "content-type": "application/json" };
const post = (body: string | null, headers: Record<string, string> = json): RequestInit => ({
  method: "POST",
  headers,
  body,
});
const echo = { text: "hello" };
const lines = JSON.stringify({ lines: [{ quantity: 1 }] });
const badLines = JSON.stringify({ lines: [{ quantity: 1 }, { quantity: 0.5 }, {}] });

test.each(
  cases([
    ["a query", `/echo?input=${input(echo)}`],
    ["a query without an input", "/ping"],
    ["an input that is not asked for", `/ping?input=${input(echo)}`],
    ["bad JSON that is not asked for", "/ping?input={"],
    ["an answer of nothing", "/nothing"],
    ["a missing optional input", "/maybe"],
    ["an empty input", "/maybe?input="],
    ["values of every kind", "/values"],
    ["a nested name", "/deep.constructor"],
    ["a missing input", "/echo"],
    ["a wrong input", `/echo?input=${input({ text: 1 })}`],
    ["a GET with bad JSON", "/echo?input={"],
    ["a GET with a content type", `/echo?input=${input(echo)}`, { headers: json }],
    ["a GET with a strange content type", `/echo?input=${input(echo)}`, { headers: { "content-type": "text/plain" } }],
    ["a mutation", "/add", post(lines)],
    ["a content type with a charset", "/add", post(lines, { "content-type": "application/json; charset=utf-8" })],
    ["a content type in capitals", "/add", post(lines, { "content-type": "Application/JSON" })],
    ["a mutation without a body", "/touch", post(null)],
    ["a missing body", "/add", post(null)],
    ["a missing body with an optional input", "/maybe", post("")],
    ["wrong fields of a mutation", "/add", post(badLines)],
    ["bad JSON", "/add", post("{")],
    ["JSON null", "/add", post("null")],
    ["a query by POST", "/echo", post(JSON.stringify(echo))],
    ["headers of the context", "/ping", { headers: { "x-colour": "1" } }],
    ["a context that cannot be made", "/ping", { headers: { "x-user": "unreadable" } }],
  ]),
)("a single call: %s", async (_, path, init) => {
  await expectParity(path, init);
});

test.each(
  cases([
    ["an unknown procedure", "/nowhere"],
    ["an unknown procedure by POST", "/nowhere", post("{}")],
    ["no name", "/"],
    ["__proto__", "/__proto__"],
    ["constructor", "/constructor"],
    ["toString by POST", "/toString", post("{}")],
    ["a nested __proto__", "/deep.__proto__"],
    ["a router's name", "/deep"],
    ["an encoded name", "/%70ing"],
    ["a name that does not decode", "/%E0%A4%A"],
    ["slashes around a name", "//ping/"],
    ["a mutation by GET", "/touch"],
    ["a PUT", "/touch", { method: "PUT", headers: json, body: "{}" }],
    ["a HEAD", "/ping", { method: "HEAD" }],
    ["an OPTIONS", "/ping", { method: "OPTIONS", headers: json }],
    ["a POST without a content type", "/touch", { method: "POST", body: new Uint8Array([123, 125]) }],
    ["a POST of plain text", "/touch", post("{}", { "content-type": "text/plain" })],
    ["a similar content type", "/touch", post("{}", { "content-type": "application/jsonp" })],
    ["connection parameters", `/ping?connectionParams=${input({ a: "b" })}`],
    ["bad connection parameters", "/ping?connectionParams={"],
    ["jsonl without a batch", "/ping", { headers: { "trpc-accept": "application/jsonl" } }],
  ]),
)("an odd call: %s", async (_, path, init) => {
  await expectParity(path, init);
});

test.each(
  cases([
    ["a refusal", "/refused", post("{}")],
    ["overload", "/busy"],
    ["a missing role", "/forbidden"],
    ["a fault", "/fault"],
    ["a thrown text", "/thrownText"],
    ["an output against its schema", "/broken"],
    ["a stored value against its schema", "/storedBroken"],
  ]),
)("an error: %s", async (_, path, init) => {
  expect(await expectParity(path, init)).not.toContain("secret");
});

const three = { 0: echo, 1: echo, 2: echo };

test.each(
  cases([
    ["of queries", `/echo,ping,echo?batch=1&input=${input(three)}`],
    ["of one", `/ping?batch=1&input=${input({})}`],
    ["of mutations", "/add,touch?batch=1", post(`{"0":${lines}}`)],
    ["with encoded commas", `/echo%2Cping?batch=1&input=${input({ 0: echo })}`],
    ["with one that fails", `/echo,fault,ping?batch=1&input=${input({ 0: echo })}`],
    ["with one that is refused", "/touch,refused?batch=1", post("{}")],
    ["whose calls are all overloaded", "/busy,busy?batch=1"],
    ["overloaded in two ways", "/busy,away,ping?batch=1"],
    ["with an unknown procedure", "/ping,nowhere?batch=1"],
    ["with __proto__", "/ping,__proto__?batch=1"],
    ["of mixed types", "/ping,touch?batch=1", post("{}")],
    ["with a subscription", "/ping,ticks?batch=1"],
    ["of mutations by GET", "/touch,touch?batch=1"],
    ["with bad JSON", "/add,touch?batch=1", post("{")],
    ["of an array", "/add?batch=1", post(`[${lines}]`)],
    ["without a body", "/add,touch?batch=1", post(null)],
    ["whose context cannot be made", "/ping,values?batch=1", { headers: { "x-user": "unreadable" } }],
    ["that says batch=0", "/ping?batch=0"],
    ["of 50", `/${Array(50).fill("ping").join(",")}?batch=1`],
  ]),
)("a batch %s", async (_, path, init) => {
  expect(await expectParity(path, init)).not.toContain("secret");
});

test("an answer that cannot be written fails alike, and ours names the procedure", async () => {
  const [one, other] = await Promise.all([
    seen(ours.url, "/unserialisable", {}),
    seen(theirs.url, "/unserialisable", {}),
  ]);
  expect(one.body.replace(',"path":"unserialisable"', "")).toBe(other.body);
  expect({ ...one, body: "" }).toEqual({ ...other, body: "" });
});

test("a stream where none can be sent fails alike, and ours names the procedure", async () => {
  const [one, other] = await Promise.all([seen(ours.url, "/streamed", {}), seen(theirs.url, "/streamed", {})]);
  expect(one.body.replace(',"path":"streamed"', "")).toBe(other.body);
  expect({ ...one, body: "" }).toEqual({ ...other, body: "" });
});

test("a batch too large is refused alike, and ours says the limit", async () => {
  const path = `/${Array(51).fill("ping").join(",")}?batch=1`;
  const [one, other] = await Promise.all([seen(ours.url, path, {}), seen(theirs.url, path, {})]);
  expect(one.status).toBe(other.status);
  expect(JSON.parse(one.body).error.data).toEqual(JSON.parse(other.body).error.data);
  expect(one.body).toContain("A batch holds at most 50 calls");
});
