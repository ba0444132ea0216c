import { afterAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { eventually } from "@orderflow/tools/testing/eventually";
import { serveOurs } from "./testing/serve-both.ts";

const maxBodyBytes = 64 * 1024;
const served = serveOurs({ maxBodyBytes, stopping: new AbortController().signal });
afterAll(() => served.close());

const json = { "content-type": "application/json" };
const text = (length: number) => JSON.stringify({ text: "x".repeat(length - 11) });

/** Without an announced length: sent in chunks. */
function chunked(body: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      const bytes = new TextEncoder().encode(body);
      for (let offset = 0; offset < bytes.length; offset += 16_384) {
        controller.enqueue(bytes.slice(offset, offset + 16_384));
        await Promise.resolve();
      }
      controller.close();
    },
  });
}

const tooLarge = { code: "PAYLOAD_TOO_LARGE", httpStatus: 413, reason: "payload_too_large" };

test.each([
  ["announced", (body: string) => body],
  ["in chunks", chunked],
])("a body %s may be as large as the bound, and not larger", async (_, send) => {
  const post = (length: number) =>
    fetch(`${served.url}/echo`, { method: "POST", headers: json, body: send(text(length)) });
  expect((await post(maxBodyBytes)).status).toBe(200);
  const response = await post(maxBodyBytes + 1);
  const { error } = (await response.json()) as { error: { message: string; data: object } };
  expect(response.status).toBe(413);
  expect(error.message).toBe("The body is larger than 65536 bytes");
  expect(error.data).toEqual({ ...tooLarge, path: "echo" });
});

test("a streamed batch and a form are bounded too", async () => {
  const stream = { ...json, "trpc-accept": "application/jsonl" };
  const posts = [
    fetch(`${served.url}/echo?batch=1`, { method: "POST", headers: stream, body: `{"0":${text(maxBodyBytes)}}` }),
    fetch(`${served.url}/echo?batch=1`, {
      method: "POST",
      headers: stream,
      body: chunked(`{"0":${text(maxBodyBytes)}}`),
    }),
    fetch(`${served.url}/touch`, { method: "POST", body: form(maxBodyBytes) }),
    fetch(`${served.url}/touch?connectionParams={}`, {
      method: "POST",
      headers: { ...json, accept: "text/event-stream" },
      body: chunked(text(maxBodyBytes + 1)),
    }),
  ];
  for (const response of await Promise.all(posts)) {
    expect(response.status).toBe(413);
    expect(((await response.json()) as { error: { data: object } }).error.data).toMatchObject(tooLarge);
  }
});

function form(length: number): FormData {
  const fields = new FormData();
  fields.set("text", "x".repeat(length));
  return fields;
}

test("a URL may be as long as the bound, and not longer", async () => {
  const get = (length: number) => {
    const start = `${served.url}/ping?input=`;
    return fetch(start + "1".repeat(length - start.length));
  };
  expect((await get(12_288)).status).toBe(200);
  const response = await get(12_289);
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({
    error: { message: "The URL is longer than 12288 characters", data: tooLarge },
  });
});

test("a batch past its bound is refused however its commas are written", async () => {
  for (const comma of [",", "%2C", "%2c"]) {
    const response = await fetch(`${served.url}/${Array(51).fill("ping").join(comma)}?batch=1`);
    expect(response.status).toBe(400);
  }
});

test("a caller that breaks off in the middle of its body does no harm", async () => {
  const { hostname, port } = new URL(served.url);
  const socket = connect(Number(port), hostname);
  const head = "POST /trpc/echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
  await new Promise((resolve) => socket.write(head, resolve));
  await eventually(async () => (await fetch(`${served.url}/ping`)).status === 200);
  socket.destroy();
  await eventually(async () => (await fetch(`${served.url}/ping`)).status === 200);
});

test("only finished calls of known procedures are measured", async () => {
  served.outcomes.length = 0;
  await fetch(`${served.url}/nowhere`);
  await fetch(`${served.url}/ping`);
  await fetch(`${served.url}/refused`, { method: "POST", headers: json, body: "{}" });
  const measured = served.outcomes.map(({ path, type, code }) => [path, type, code]);
  expect(measured).toEqual([
    ["ping", "query", "OK"],
    ["refused", "mutation", "CONFLICT"],
  ]);
});
