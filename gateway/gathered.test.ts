import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { startTracing } from "@orderflow/common/observability/start-tracing";
import { openTcpProxy } from "@orderflow/tools/chaos/tcp-proxy";
import { receiveSpans } from "@orderflow/tools/otlp/receive-spans";
import { spanEdges } from "@orderflow/tools/otlp/span-tree";
import { eventually } from "@orderflow/tools/testing/eventually";
import { type GatheredStandIn, openGatheredStandIn } from "./testing/gathered-stand-in.ts";
import { postJson, signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";

/** So that calls wait until a test lets them go. */
const gatherPatienceMs = 60_000;

let order: GatheredStandIn;
let gateway: TestGateway;
let ann: { authorization: string };
let bob: { authorization: string };

beforeAll(async () => {
  order = await openGatheredStandIn();
  gateway = await startGateway({ ORDER_URL: order.url }, { gatherPatienceMs });
  const bearer = async () => ({ authorization: `Bearer ${(await signUp(gateway.url)).jwt}` });
  [ann, bob] = await Promise.all([bearer(), bearer()]);
  await fetch(`${gateway.url}/trpc/order.place`); // Makes the gateway read what order takes.
});

beforeEach(() => {
  for (const seen of [order.paths, order.begun, order.aborted]) seen.length = 0;
});

afterEach(() => order.release());

afterAll(async () => {
  await gateway.close();
  await order.close();
});

type Answer = {
  result?: {
    data: { name: string; by: string; traceId: string; correlationId: string; requestId: string; current: string };
  };
  error?: { message: string; data: { path: string; reason?: string; traceId: string } };
};

function place(name: string, headers: Record<string, string> = ann, url = gateway.url): Promise<Response> {
  return postJson(`${url}/trpc/order.place`, { name }, headers);
}

async function answerOf(response: Promise<Response>) {
  const { status, headers } = await response;
  return { status, headers, ...((await (await response).json()) as Answer) };
}

/** As many requests under way as the gateway sends at once: what follows is gathered until the first is released. */
async function occupy(service = order, { url } = gateway, bearer = ann) {
  const first = place("first held", bearer, url);
  await eventually(() => service.begun.includes("first held"));
  const second = place("second held", bearer, url);
  await eventually(() => service.begun.includes("second held"));
  return { release: () => service.release("first held"), done: Promise.all([first, second]) };
}

/** So many wait for the two that occupy order. */
async function untilWaiting(calls: number, { context } = gateway): Promise<void> {
  const waiting = new RegExp(`^gateway_waiting_calls\\{[^}]*target="order"[^}]*\\} ${calls}$`, "m");
  await eventually(async () => expect((await context.metrics.exposition()).body).toMatch(waiting));
}

test("calls that wait go in one request, and each gets its own answer for its own caller", async () => {
  const { release, done } = await occupy();
  const traceOf = (index: number) => `0af7651916cd43dd8448eb211c8031${String(index).padStart(2, "0")}`;
  const asked = Array.from({ length: 20 }, (_, index) =>
    answerOf(
      place(`mug ${index}`, {
        ...(index % 2 === 0 ? ann : bob),
        "x-correlation-id": `c-${index}`,
        "x-request-id": `r-${index}`,
        traceparent: `00-${traceOf(index)}-b7ad6b7169203331-01`,
      }),
    ),
  );
  await untilWaiting(20);
  release();
  const answers = await Promise.all(asked);
  expect(order.paths).toEqual(["/trpc/place", "/trpc/place", "/gathered"]);
  const callers = new Set<string>();
  for (const [index, { status, headers, result }] of answers.entries()) {
    expect({ status, ...result?.data }).toMatchObject({
      status: 200,
      name: `mug ${index}`,
      correlationId: `c-${index}`,
      requestId: `r-${index}`,
      traceId: traceOf(index),
      current: traceOf(index),
    });
    expect(headers.get("x-request-id")).toBe(`r-${index}`);
    callers.add(`${index % 2} ${result?.data.by}`);
  }
  expect(callers.size).toBe(2);
  expect(new Set(answers.map(({ result }) => result?.data.by)).size).toBe(2);
  order.release();
  await done;
});

test("each has its own spans, from the gateway to the service", async () => {
  const receiver = receiveSpans();
  const tracing = await startTracing({ service: "both", instance: "test", endpoint: receiver.url, sampleRatio: 0 });
  const { release, done } = await occupy();
  const traceIds = ["a", "b", "c"].map((digit) => digit.repeat(32));
  const asked = traceIds.map((traceId) => place("mug", { ...ann, traceparent: `00-${traceId}-00f067aa0ba902b7-01` }));
  await untilWaiting(3);
  release();
  await Promise.all(asked);
  expect(order.paths.at(-1)).toBe("/gathered");
  await tracing.stop();
  for (const traceId of traceIds) {
    expect([...spanEdges(receiver.spans(), traceId)]).toEqual([
      "both POST /trpc/order.place > both POST order/trpc/place",
      "both POST order/trpc/place > both POST /trpc/place",
    ]);
  }
  await receiver.stop();
  order.release();
  await done;
});

test("what fails is answered at once and alone, while its neighbour takes long", async () => {
  const { release, done } = await occupy();
  const slow = answerOf(place("slow held"));
  const asked = [place("mug"), place("refused mug"), place(7 as unknown as string), place("cup", {})].map(answerOf);
  await untilWaiting(5);
  release();
  const answers = await Promise.all(asked);
  expect(order.paths.at(-1)).toBe("/gathered");
  expect(order.begun).toContain("slow held");
  expect(answers.map(({ status, error }) => [status, error?.data.reason, error?.data.path])).toEqual([
    [200, undefined, undefined],
    [409, "out_of_stock", "order.place"],
    [400, "invalid_input", "order.place"],
    [401, "unauthenticated", "order.place"],
  ]);
  order.release();
  expect(await slow).toMatchObject({ status: 200, result: { data: { name: "slow held" } } });
  await done;
});

test("a client that leaves takes nobody with it, and the request ends with the last", async () => {
  const { release, done } = await occupy();
  const leaving = new AbortController();
  const leave = (name: string) =>
    fetch(`${gateway.url}/trpc/order.place`, {
      method: "POST",
      headers: { ...ann, "content-type": "application/json" },
      body: JSON.stringify({ name }),
      signal: leaving.signal,
    }).catch((error: Error) => error.name);
  const left = [leave("left held"), leave("left too held")];
  const stays = answerOf(place("stays held"));
  await untilWaiting(3);
  release();
  await eventually(() => order.begun.includes("stays held"));
  leaving.abort();
  expect(await Promise.all(left)).toEqual(["AbortError", "AbortError"]);
  order.release("stays held");
  expect(await stays).toMatchObject({ status: 200, result: { data: { name: "stays held" } } });
  await eventually(() => order.aborted.includes("left held"));
  order.release();
  await done;
});

test("a client that leaves while it waits is never sent", async () => {
  const { release, done } = await occupy();
  const leaving = new AbortController();
  const init = { method: "POST", headers: { ...ann, "content-type": "application/json" }, signal: leaving.signal };
  const left = fetch(`${gateway.url}/trpc/order.place`, { ...init, body: JSON.stringify({ name: "left" }) }).catch(
    (error: Error) => error.name,
  );
  const stays = answerOf(place("stays"));
  await untilWaiting(2);
  leaving.abort();
  expect(await left).toBe("AbortError");
  await untilWaiting(1);
  release();
  expect(await stays).toMatchObject({ status: 200 });
  expect(order.begun).not.toContain("left");
  order.release();
  await done;
});

test("a call has the time that the gateway gives it, whatever its client says", async () => {
  const { release, done } = await occupy();
  const hurried = answerOf(place("mug", { ...ann, "x-orderflow-deadline": "5000" }));
  const patient = answerOf(place("cup"));
  await untilWaiting(2);
  release();
  for (const { result } of [await hurried, await patient])
    expect(Reflect.get(result?.data ?? {}, "leftMs")).toBeWithin(5_001, 10_001);
  order.release();
  await done;
});

test("each has its own deadline at the gateway", async () => {
  const hurried = await startGateway({ ORDER_URL: order.url }, { gatherPatienceMs, callDeadlineMs: 1_000 });
  try {
    const bearer = { authorization: `Bearer ${(await signUp(hurried.url)).jwt}` };
    expect((await place("warm", bearer, hurried.url)).status).toBe(200);
    const asked = ["a held", "b held", "c held", "d held"].map((name) => answerOf(place(name, bearer, hurried.url)));
    for (const { status, headers, error } of await Promise.all(asked)) {
      expect([status, error?.data.reason, headers.get("retry-after")]).toEqual([504, "dependency_unavailable", "1"]);
    }
    expect((await place("cup", bearer, hurried.url)).status).toBe(200);
  } finally {
    await hurried.close();
  }
});

test("a connection that breaks in the middle leaves each of its calls answered 503, and none is sent again", async () => {
  const behind = await openGatheredStandIn();
  const proxy = await openTcpProxy(behind.port);
  const other = await startGateway({ ORDER_URL: `http://127.0.0.1:${proxy.port}` }, { gatherPatienceMs });
  try {
    const bearer = { authorization: `Bearer ${(await signUp(other.url)).jwt}` };
    expect((await place("warm", bearer, other.url)).status).toBe(200);
    const occupied = await occupy(behind, other, bearer);
    const names = Array.from({ length: 10 }, (_, index) => `held ${index}`);
    const asked = names.map((name) => answerOf(place(name, bearer, other.url)));
    const quick = answerOf(place("quick", bearer, other.url));
    await untilWaiting(11, other);
    occupied.release();
    await eventually(() => names.every((name) => behind.begun.includes(name)));
    expect((await quick).status).toBe(200);
    proxy.cutAll();
    for (const { status, headers, error } of await Promise.all(asked)) {
      expect([status, error?.data.reason, headers.get("retry-after")]).toEqual([503, "dependency_unavailable", "1"]);
    }
    // It can be reached again at once, so what was sent again would have come by now.
    expect((await place("after", bearer, other.url)).status).toBe(200);
    for (const name of names) expect(behind.begun.filter((begun) => begun === name)).toEqual([name]);
    await occupied.done;
  } finally {
    await other.close();
    await proxy.close();
    await behind.close();
  }
});

test("a service of an earlier release is asked call by call", async () => {
  const old = await openGatheredStandIn({ isOld: true });
  const other = await startGateway({ ORDER_URL: old.url }, { gatherPatienceMs });
  try {
    const bearer = { authorization: `Bearer ${(await signUp(other.url)).jwt}` };
    expect((await place("warm", bearer, other.url)).status).toBe(200);
    const occupied = await occupy(old, other, bearer);
    const asked = ["mug", "cup", "jug"].map((name) => answerOf(place(name, bearer, other.url)));
    await untilWaiting(3, other);
    occupied.release();
    expect((await Promise.all(asked)).map(({ result }) => result?.data.name)).toEqual(["mug", "cup", "jug"]);
    expect(old.paths.filter((path) => path === "/gathered")).toHaveLength(1);
    expect(old.begun.toSorted()).toEqual(["cup", "first held", "jug", "mug", "second held", "warm"]);
    old.release();
    await occupied.done;
  } finally {
    await other.close();
    await old.close();
  }
});

test("requests that hang, as those to an instance that is frozen, do not hold up what comes after", async () => {
  const other = await startGateway({ ORDER_URL: order.url }, { gatherPatienceMs: 20 });
  try {
    const bearer = { authorization: `Bearer ${(await signUp(other.url)).jwt}` };
    expect((await place("warm", bearer, other.url)).status).toBe(200);
    const occupied = await occupy(order, other, bearer);
    const names = ["mug", "cup", "jug"];
    const answers = await Promise.all(names.map((name) => answerOf(place(name, bearer, other.url))));
    expect(answers.map(({ result }) => result?.data.name)).toEqual(names);
    order.release();
    await occupied.done;
  } finally {
    await other.close();
  }
});

test("a call that is large goes by itself", async () => {
  const { release, done } = await occupy();
  const large = answerOf(place(`large ${"x".repeat(70_000)}`));
  expect((await large).status).toBe(200);
  expect(order.paths).toEqual(["/trpc/place", "/trpc/place", "/trpc/place"]);
  release();
  order.release();
  await done;
});
