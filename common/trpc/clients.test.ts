import { afterAll, afterEach, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  TRPCClientError,
  type TRPCLink,
} from "@trpc/client";
import { EventSource } from "eventsource";
import type { SampleRouter } from "./testing/sample-router.ts";
import { type Served, serveOurs, serveTheirs } from "./testing/serve-both.ts";

const stopping = new AbortController();
const ours = serveOurs({ stopping: stopping.signal });
const theirs = serveTheirs();
const both: [string, Served][] = [
  ["ours", ours],
  ["theirs", theirs],
];

afterAll(() => Promise.all([ours.close(), theirs.close()]));
afterEach(() => {
  for (const [, served] of both) served.aborted.length = 0;
});

type Link = (options: {
  url: string;
  headers?: Record<string, string>;
  methodOverride?: "POST";
}) => TRPCLink<SampleRouter>;
const links: [string, Link][] = [
  ["httpLink", httpLink],
  ["httpBatchLink", httpBatchLink],
  ["httpBatchStreamLink", httpBatchStreamLink],
  ["httpBatchLink by POST", (options) => httpBatchLink({ ...options, methodOverride: "POST" })],
];

/** What a client sees of every kind of call, made at once so that batching links batch. */
async function tour(served: Served, link: Link) {
  const client = createTRPCClient<SampleRouter>({ links: [link({ url: served.url, headers: { "x-user": "ann" } })] });
  const calls = [
    client.echo.query({ text: "hello" }),
    client.echo.query({ text: 1 as unknown as string }),
    client.ping.query(),
    client.nothing.query(),
    client.maybe.query(),
    client.values.query(),
    client.busy.query(),
    client.fault.query(),
    client.deep.constructor.query(),
    client.add.mutate({ lines: [{ quantity: 1 }, { quantity: 2 }] }),
    client.add.mutate({ lines: [{ quantity: 0 }] }),
    client.touch.mutate(),
    client.refused.mutate(),
  ];
  const settled = await Promise.allSettled(calls);
  return settled.map((one) => (one.status === "fulfilled" ? { value: one.value } : { shape: shapeOf(one.reason) }));
}

function shapeOf(error: unknown): unknown {
  return error instanceof TRPCClientError ? error.shape : error;
}

test.each(links)("%s sees the same at both", async (_, link) => {
  const [one, other] = await Promise.all([tour(ours, link), tour(theirs, link)]);
  expect(one).toEqual(other);
  expect(one[0]).toEqual({ value: { text: "hello", user: "ann" } });
  expect(JSON.stringify(one)).not.toContain("secret");
});

test.each(both)("a streamed answer arrives piece by piece: %s", async (_, served) => {
  const client = createTRPCClient<SampleRouter>({ links: [httpBatchStreamLink({ url: served.url })] });
  const pieces: number[] = [];
  for await (const piece of await client.streamed.query()) pieces.push(piece);
  expect(pieces).toEqual([1, 2]);
});

const abortable = links
  .slice(0, 3)
  .flatMap(([name, link]) => both.map(([side, served]) => [name, side, link, served] as const));

test.each(abortable)("a caller of %s that leaves is noticed: %s", async (name, _, link, served) => {
  const client = createTRPCClient<SampleRouter>({ links: [link({ url: served.url, headers: { "x-user": name } })] });
  const leaving = new AbortController();
  const call = client.waiting.query(undefined, { signal: leaving.signal });
  setTimeout(() => leaving.abort(), 30);
  await expect(call).rejects.toThrow();
  await eventually(() => served.aborted.includes(name));
});

function subscriber(served: Served) {
  return createTRPCClient<SampleRouter>({ links: [httpSubscriptionLink({ url: served.url, EventSource })] });
}

test.each(both)("a subscription arrives in order and resumes where it was: %s", async (_, served) => {
  expect(await collect(served, undefined)).toEqual([1, 2, 3]);
  expect(await collect(served, { lastEventId: "2" })).toEqual([3]);
});

function collect(served: Served, input: { lastEventId: string } | undefined): Promise<number[]> {
  const seen: number[] = [];
  return new Promise((resolve, reject) => {
    subscriber(served).ticks.subscribe(input, {
      onData: ({ data }) => seen.push(data.n),
      onComplete: () => resolve(seen),
      onError: reject,
    });
  });
}

test.each(both)("a subscriber that leaves is noticed: %s", async (_, served) => {
  const started = Promise.withResolvers<void>();
  const subscription = subscriber(served).endless.subscribe(undefined, { onData: () => started.resolve() });
  await started.promise;
  subscription.unsubscribe();
  await eventually(() => served.aborted.length === 1);
});

test.each(both)("a subscription that fails does not say why: %s", async (_, served) => {
  const response = await fetch(`${served.url}/failing`, { headers: { accept: "text/event-stream" } });
  const reader = response.body?.getReader();
  let text = "";
  while (reader !== undefined && !text.includes("serialized-error")) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  await reader?.cancel();
  expect(response.headers.get("content-type")).toStartWith("text/event-stream");
  expect(text).toContain("Internal server error");
  expect(text).not.toContain("secret");
});

test("a subscription ends when the process stops", async () => {
  const response = await fetch(`${ours.url}/endless`, { headers: { accept: "text/event-stream" } });
  const whole = response.text();
  await eventually(() => response.status === 200);
  stopping.abort();
  expect(await whole).toContain("started");
});
