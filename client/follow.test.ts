import { expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createClient, type OutputOf } from "./main.ts";
import { type Asked, aJwt, openFakeGateway, refusal } from "./testing/fake-gateway.ts";

const connected = (silenceMs = 20_000) => `event: connected\ndata: {"reconnectAfterInactivityMs":${silenceMs}}\n\n`;
const item = (id: number) => `data: {"version":${id}}\nid: ${id}\n\n`;
const over = "event: return\ndata: \n\n";

/** A stream of these parts, which then ends. */
function stream(parts: string[]): Response {
  return new Response(parts.join(""), { headers: { "content-type": "text/event-stream" } });
}

/** A stream of these parts, which then is silent until its reader leaves. */
function openStream(parts: string[], onLeft: () => void = () => undefined): Response {
  const start = (controller: ReadableStreamDefaultController) =>
    controller.enqueue(new TextEncoder().encode(parts.join("")));
  return new Response(new ReadableStream({ start, cancel: onLeft }), {
    headers: { "content-type": "text/event-stream" },
  });
}

type Item = OutputOf<ReturnType<typeof createClient>["order"]["watch"]>;

async function versionsOf(items: AsyncIterable<Item>): Promise<number[]> {
  const versions: number[] = [];
  for await (const { data } of items) versions.push(data.version);
  return versions;
}

const lastIds = (asked: Asked[]) => asked.map(({ headers }) => headers.get("last-event-id"));

test("a stream that breaks off in the middle of an item goes on after the last whole one", async () => {
  const answers = [
    stream([connected(), item(1), 'data: {"vers']),
    stream([connected(), item(2), 'data: {"version":3}\nid: 3']),
    stream([connected(), item(3), over]),
  ];
  using gateway = openFakeGateway((_, count) => answers[count - 1] ?? refusal(500));
  const { order } = createClient({ url: gateway.url });
  expect(await versionsOf(order.watch.follow({ orderId: "o" }))).toEqual([1, 2, 3]);
  expect(lastIds(gateway.asked)).toEqual([null, "1", "2"]);
});

test("a shop that is away or at fault is waited for", async () => {
  using gateway = openFakeGateway((_, count) => {
    if (count < 4) return refusal([503, 429, 500][count - 1] ?? 0);
    return stream([connected(), item(1), over]);
  });
  const { order } = createClient({ url: gateway.url });
  const states: string[] = [];
  const onConnection = ({ state, error }: { state: string; error?: Error }) => states.push(error ? `${state}!` : state);
  expect(await versionsOf(order.watch.follow({ orderId: "o" }, { onConnection }))).toEqual([1]);
  expect(states).toEqual(["connecting", "connecting!", "connecting!", "connecting!", "open"]);
});

test("a refusal ends it, before the stream or in it, with its reason", async () => {
  const error = {
    message: "No",
    code: -32_000,
    data: { code: "NOT_FOUND", httpStatus: 404, reason: "order_not_found" },
  };
  using gateway = openFakeGateway((_, count) =>
    count === 1
      ? { status: 404, body: { error } }
      : stream([connected(), item(1), `event: serialized-error\ndata: ${JSON.stringify(error)}\n\n`]),
  );
  const { order } = createClient({ url: gateway.url });
  await expect(versionsOf(order.watch.follow({ orderId: "o" }))).rejects.toMatchObject({ reason: "order_not_found" });
  await expect(versionsOf(order.watch.follow({ orderId: "o" }))).rejects.toMatchObject({ httpStatus: 404 });
  expect(gateway.asked).toHaveLength(2);
});

test("a stream that is silent for longer than the server promised is given up for another", async () => {
  using gateway = openFakeGateway((_, count) =>
    count === 1 ? openStream([connected(50), item(1)]) : stream([connected(), item(2), over]),
  );
  const { order } = createClient({ url: gateway.url });
  expect(await versionsOf(order.watch.follow({ orderId: "o" }))).toEqual([1, 2]);
});

test("who leaves his loop closes the connection", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  using gateway = openFakeGateway(() => openStream([connected(), item(1)], resolve));
  for await (const { id } of createClient({ url: gateway.url }).order.watch.follow({ orderId: "o" })) {
    expect(id).toBe("1");
    break;
  }
  await closed;
});

test("an observer is told of items and of the end, and leaves its stream when it wants", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  using gateway = openFakeGateway((_, count) =>
    count === 1 ? stream([connected(), item(1), over]) : openStream([connected(), item(2)], resolve),
  );
  const { order } = createClient({ url: gateway.url });
  const seen: string[] = [];
  const observer = {
    onData: ({ id }: { id: string }) => void seen.push(id),
    onComplete: () => void seen.push("over"),
    onError: () => void seen.push("error"),
  };
  order.watch.subscribe({ orderId: "o" }, observer);
  await eventually(() => expect(seen).toEqual(["1", "over"]));
  const { unsubscribe } = order.watch.subscribe({ orderId: "o" }, observer);
  await eventually(() => expect(seen).toEqual(["1", "over", "2"]));
  unsubscribe();
  await closed;
  expect(seen).toHaveLength(3);
});

test("a connection of its own token each time, renewed when it is refused", async () => {
  using gateway = openFakeGateway(({ headers }) =>
    headers.get("authorization") === "Bearer new"
      ? stream([connected(), item(1), over])
      : refusal(401, { reason: "unauthenticated" }),
  );
  const bearer = (isRefused: boolean) => (isRefused ? "new" : "old");
  const { order } = createClient({ url: gateway.url, authentication: { bearer } });
  expect(await versionsOf(order.watch.follow({ orderId: "o" }))).toEqual([1]);
  expect(gateway.asked).toHaveLength(2);
});

test("a connection that is not answered is given up for another", async () => {
  using gateway = openFakeGateway((_, count) =>
    count === 1 ? new Promise<never>(() => {}) : stream([connected(), item(1), over]),
  );
  const { order } = createClient({ url: gateway.url, timeoutMs: 200 });
  expect(await versionsOf(order.watch.follow({ orderId: "o" }))).toEqual([1]);
  expect(gateway.asked).toHaveLength(2);
});

test("a renewal that the shop is too busy for is waited for", async () => {
  let tokens = 0;
  using gateway = openFakeGateway(({ path, headers }) => {
    if (path === "/auth/token") {
      tokens++;
      return tokens === 2
        ? { status: 429, headers: { "retry-after": "1" }, body: { code: "X", message: "Later" } }
        : { body: { token: aJwt(900, `token ${tokens}`) } };
    }
    const jwt = headers.get("authorization") ?? "";
    const { name } = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
    return name === "token 1" ? refusal(401, { reason: "unauthenticated" }) : stream([connected(), item(1), over]);
  });
  const { order } = createClient({ url: gateway.url, authentication: { session: "session-1" }, timeoutMs: 500 });
  expect(await versionsOf(order.watch.follow({ orderId: "o" }))).toEqual([1]);
  expect(tokens).toBe(3);
});
