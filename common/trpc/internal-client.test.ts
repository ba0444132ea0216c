import { afterAll, beforeAll, expect, test } from "bun:test";
import { Refusal, Unavailable } from "../errors.ts";
import { openSampleService, type SampleInternalRouter } from "../http/testing/open-sample-service.ts";
import { withCorrelation, withSpan } from "../observability/tracing.ts";
import { fixedPeers } from "../resilience/testing/fixed-peers.ts";
import { createInternalClient } from "./internal-client.ts";

let service: Awaited<ReturnType<typeof openSampleService>>;
beforeAll(async () => {
  service = await openSampleService();
});
afterAll(() => service.close());

function client({ url = service.url, timeoutMs = 2_000, audience = "sample" } = {}) {
  return createInternalClient<SampleInternalRouter>({
    target: fixedPeers({ [audience]: url }).target({ service: audience, settings: { timeoutMs } }),
    signer: service.signerOf("worker"),
    issuer: "worker",
  });
}

async function failureOf(call: Promise<unknown>): Promise<Error> {
  const error: unknown = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof Error)) throw new Error("expected a failure");
  return error;
}

test("a service calls in its own name", async () => {
  expect(await client().caller.query()).toBe("worker");
  expect(await client({ url: `${service.url}/` }).caller.query()).toBe("worker");
});

test("a question may be larger than a URL", async () => {
  expect(await client().length.query("x".repeat(500_000))).toBe(500_000);
});

test("the callee sees the caller's trace and correlation id", async () => {
  const ids = await withCorrelation("c-1", () =>
    withSpan("ask", {}, async (span) => ({ asked: span.spanContext().traceId, seen: await client().trace.query() })),
  );
  expect(ids.seen).toEqual({ traceId: ids.asked, correlationId: "c-1" });
});

test("a refusal comes back as that refusal", async () => {
  const error = await failureOf(client().refuse.mutate());
  expect(error).toBeInstanceOf(Refusal);
  expect(error).toMatchObject({ reason: "out_of_stock", message: "Only 2 are left" });
});

test("an overloaded neighbour is unavailable for as long as it says", async () => {
  const error = await failureOf(client().overloaded.query());
  expect(error).toBeInstanceOf(Unavailable);
  expect(error).toMatchObject({ reason: "dependency_unavailable", retryAfterS: 4 });
});

test("a neighbour that is away or late is unavailable", async () => {
  for (const call of [client({ url: "http://127.0.0.1:1" }).caller.query(), client({ timeoutMs: 50 }).slow.query()]) {
    const error = await failureOf(call);
    expect(error).toBeInstanceOf(Unavailable);
    expect(error).toMatchObject({ reason: "dependency_unavailable", retryAfterS: 1 });
    expect(error.message).toMatch(/^sample\.\w+ is not available at the moment$/);
  }
});

test("whoever else answers at that address is no neighbour", async () => {
  using stranger = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("<html>hello</html>") });
  expect(await failureOf(client({ url: stranger.url.origin }).caller.query())).toBeInstanceOf(Unavailable);
});

test("a caller that gives up is not told that the neighbour is away", async () => {
  const giveUp = new AbortController();
  const call = failureOf(client().slow.query(undefined, { signal: giveUp.signal }));
  setTimeout(() => giveUp.abort(), 30);
  expect((await call).name).toBe("AbortError");
});

test("a neighbour's fault is an error that names the procedure and the trace", async () => {
  const error = await failureOf(client().fault.query());
  expect(error).not.toBeInstanceOf(Unavailable);
  expect(error.message).toMatch(/^sample\.fault answered INTERNAL_SERVER_ERROR \(trace [0-9a-f]{32}\)/);
});

test("a token for another neighbour is not taken", async () => {
  expect((await failureOf(client({ audience: "order" }).caller.query())).message).toContain("UNAUTHORIZED");
});
