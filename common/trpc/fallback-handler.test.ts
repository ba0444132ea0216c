import { expect, test } from "bun:test";
import { defaultBounds } from "./bounds.ts";
import { answerByLibrary } from "./fallback-handler.ts";
import { sampleRouter } from "./testing/sample-router.ts";

test("the head of a stream is sent a turn of the event loop later, so that others are read meanwhile", async () => {
  let hasTurned = false;
  setImmediate(() => {
    hasTurned = true;
  });
  const stopping = new AbortController();
  const response = await answerByLibrary({
    router: sampleRouter,
    endpoint: "/trpc",
    request: new Request("http://localhost/trpc/endless", { headers: { accept: "text/event-stream" } }),
    scope: undefined,
    bounds: defaultBounds,
    createContext: () => ({ user: "ann", aborted: [] }),
    onError: () => undefined,
    onCall: () => undefined,
    stopping: stopping.signal,
  });
  expect([response.status, hasTurned]).toEqual([200, true]);
  stopping.abort();
  await response.text();
});
