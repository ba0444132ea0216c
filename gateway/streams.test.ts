import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { deadUrl, postJson, signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";

setDefaultTimeout(20_000);

const opened: { close(): Promise<void> }[] = [];

async function open(
  settings: (orderUrl: string) => Record<string, string> = (url) => ({ ORDER_URL: url }),
  times: Parameters<typeof startGateway>[1] = {},
) {
  const order = await openStandIn("order");
  const gateway = await startGateway(settings(order.url), times);
  opened.push(gateway, order);
  return { order, gateway };
}

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

type Watch = { text: () => string; ended: Promise<void>; leave(): void; response: Response };

/** Follows a subscription as a browser's EventSource does. */
async function watch(gateway: TestGateway, call: string, credentials: Record<string, string> = {}): Promise<Watch> {
  const abort = new AbortController();
  const response = await fetch(`${gateway.url}/trpc/${call}`, {
    headers: { accept: "text/event-stream", ...credentials },
    signal: abort.signal,
  });
  let text = "";
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes, { stream: true });
  })().catch(() => {});
  return { text: () => text, ended, leave: () => abort.abort(), response };
}

const input = (value: unknown) => `input=${encodeURIComponent(JSON.stringify(value))}`;

test("a subscription passes event by event, outlives the deadline of calls, and ends at the service when its client leaves", async () => {
  const { order, gateway } = await open(undefined, { callDeadlineMs: 1_000 });
  const seen = await watch(gateway, `order.watch?${input({ count: 2 })}`);
  expect(seen.response.headers.get("content-type")).toStartWith("text/event-stream");
  await eventually(() => seen.text().includes('data: {"position":2}'));
  await eventually(() => seen.text().includes("event: ping"), { timeoutMs: 7_000 });
  expect(order.aborted).toEqual([]);
  seen.leave();
  await eventually(() => order.aborted.includes("watch"));
});

test("an error inside a subscription names its procedure whole", async () => {
  const { gateway } = await open();
  const seen = await watch(gateway, "order.failingWatch");
  await eventually(() => seen.text().includes('"path":"order.failingWatch"'));
  expect(seen.text()).toContain("event: serialized-error");
  seen.leave();
});

test("a gateway that stops ends its subscriptions at once, here and at the service", async () => {
  const { order, gateway } = await open();
  const seen = await watch(gateway, `order.watch?${input({ count: 1 })}`);
  await eventually(() => seen.text().includes("position"));
  const startedAt = performance.now();
  await gateway.door.close();
  await seen.ended;
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  await eventually(() => order.aborted.includes("watch"));
});

test("a service that breaks off in the middle of a subscription ends it, so that its client connects again", async () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
  const listing = '{"procedures":{"watch":"subscription","whoAmI":"query"}}';
  const dying = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, bytes) {
        if (bytes.toString().startsWith("GET /procedures ")) {
          socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${listing.length}\r\nconnection: close\r\n\r\n${listing}`);
          return;
        }
        socket.write(`${head}9\r\ndata: 1\n\n\r\n`);
        setTimeout(() => socket.terminate(), 20);
      },
    },
  });
  const { gateway } = await open(() => ({ ORDER_URL: `http://127.0.0.1:${dying.port}` }));
  const seen = await watch(gateway, "order.watch");
  await seen.ended;
  expect(seen.text()).toBe("data: 1\n\n");
  dying.stop(true);
  expect((await fetch(`${gateway.url}/trpc/order.whoAmI`)).status).toBe(503);
});

test("a service that does not answer in time is cut off with 504", async () => {
  const { order, gateway } = await open(undefined, { callDeadlineMs: 200 });
  const response = await fetch(`${gateway.url}/trpc/order.hang`);
  expect([response.status, response.headers.get("retry-after")]).toEqual([504, "1"]);
  expect(await response.json()).toMatchObject({
    error: { data: { code: "GATEWAY_TIMEOUT", reason: "dependency_unavailable", path: "order.hang" } },
  });
  await eventually(() => order.aborted.includes("hang"));
});

test("a service that is away is 503 with Retry-After, and answers again once it is back", async () => {
  const { order, gateway } = await open();
  const whoAmI = () => fetch(`${gateway.url}/trpc/order.whoAmI`);
  expect((await whoAmI()).status).toBe(200);
  await order.close();
  const away = await whoAmI();
  expect([away.status, away.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await away.json()).toMatchObject({
    error: {
      data: { code: "SERVICE_UNAVAILABLE", httpStatus: 503, reason: "dependency_unavailable", path: "order.whoAmI" },
    },
  });
  opened.push(await openStandIn("order", order.port));
  expect((await whoAmI()).status).toBe(200);
});

test("instances share the calls, and one that refuses connections costs no call", async () => {
  const second: StandIn = await openStandIn("order");
  const { order, gateway } = await open((url) => ({ ORDER_URL: `${url},${deadUrl},${second.url}` }));
  const statuses = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const response = await fetch(`${gateway.url}/trpc/order.place`, {
        method: "POST",
        body: '{"sku":"a"}',
        headers: { "content-type": "application/json" },
      });
      return response.status;
    }),
  );
  expect(new Set(statuses)).toEqual(new Set([401]));
  expect(order.requests.length).toBeGreaterThanOrEqual(20);
  expect(second.requests.length).toBeGreaterThanOrEqual(20);
  expect(order.requests.length + second.requests.length).toBe(60);
  await second.close();
  expect((await fetch(`${gateway.url}/trpc/order.whoAmI`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/trpc/order.whoAmI`)).status).toBe(200);
});

type Customer = Awaited<ReturnType<typeof signUp>>;
type End = (gateway: TestGateway, customer: Customer) => Promise<unknown>;

/** How it ends, with which credentials, and what they are answered after it. */
const endings: [string, (customer: Customer) => Record<string, string>, End, number][] = [
  [
    "the session is revoked",
    ({ session }) => ({ authorization: `Bearer ${session}` }),
    ({ database: { sql } }, { email }) =>
      sql`delete from session where user_id = (select id from "user" where email = ${email})`,
    401,
  ],
  [
    "the session of the cookie is signed out",
    ({ cookie }) => ({ cookie }),
    ({ url }, { session }) => postJson(`${url}/auth/sign-out`, {}, { authorization: `Bearer ${session}` }),
    401,
  ],
  [
    "the role changes",
    ({ session }) => ({ authorization: `Bearer ${session}` }),
    ({ database: { sql } }, { email }) => sql`update "user" set role = 'operator' where email = ${email}`,
    200,
  ],
];

test.each(endings)("when %s, the stream ends, and that of another goes on", async (_when, credentials, end, status) => {
  const { order, gateway } = await open(undefined, { recheckMs: 20 });
  const [leaver, stayer] = await Promise.all([signUp(gateway.url), signUp(gateway.url)]);
  const call = `order.watch?${input({ count: 1 })}`;
  const other = await watch(gateway, call, credentials(stayer));
  const seen = await watch(gateway, call, credentials(leaver));
  await eventually(() => seen.text().includes("position"));
  await end(gateway, leaver);
  await seen.ended;
  await eventually(() => order.aborted.length === 1);
  const again = await watch(gateway, call, credentials(leaver));
  expect(again.response.status).toBe(status);
  again.leave();
  expect(await Promise.race([other.ended.then(() => "ended"), Bun.sleep(100).then(() => "open")])).toBe("open");
  other.leave();
});

test("when its JWT expires, a stream ends; while it is good, and with its session, it goes on", async () => {
  let aheadMs = 0;
  const { order, gateway } = await open(undefined, { recheckMs: 20, now: () => new Date(Date.now() + aheadMs) });
  const { jwt, session } = await signUp(gateway.url);
  const { exp } = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
  const call = `order.watch?${input({ count: 1 })}`;
  const byJwt = await watch(gateway, call, { authorization: `Bearer ${jwt}` });
  const bySession = await watch(gateway, call, { authorization: `Bearer ${session}` });
  await eventually(() => byJwt.text().includes("position"));
  aheadMs = exp * 1_000 - Date.now() - 30_000;
  expect(await Promise.race([byJwt.ended.then(() => "ended"), Bun.sleep(100).then(() => "open")])).toBe("open");
  aheadMs = exp * 1_000 - Date.now();
  await byJwt.ended;
  await eventually(() => order.aborted.length === 1);
  expect((await watch(gateway, call, { authorization: `Bearer ${jwt}` })).response.status).toBe(401);
  expect(await Promise.race([bySession.ended.then(() => "ended"), Bun.sleep(100).then(() => "open")])).toBe("open");
  bySession.leave();
});

test("when an API key is revoked, its stream ends", async () => {
  const { gateway } = await open(undefined, { recheckMs: 20 });
  const { session } = await signUp(gateway.url);
  const headers = { authorization: `Bearer ${session}` };
  const ask = async (path: string, sent: object) => {
    const answer = await postJson(`${gateway.url}/trpc/account.apiKeys.${path}`, sent, headers);
    return (await answer.json()) as { result: { data: { key: string; apiKey: { id: string } } } };
  };
  const made = await ask("create", { idempotencyKey: crypto.randomUUID(), name: "screen", scopes: ["order:read"] });
  const { key, apiKey } = made.result.data;
  const seen = await watch(gateway, `order.watch?${input({ count: 1 })}`, { "x-api-key": key });
  await eventually(() => seen.text().includes("position"));
  await ask("revoke", { apiKeyId: apiKey.id });
  await seen.ended;
});

test("while the accounts cannot be asked, streams stay open", async () => {
  const { gateway } = await open(undefined, { recheckMs: 20 });
  const { session } = await signUp(gateway.url);
  const seen = await watch(gateway, `order.watch?${input({ count: 1 })}`, { authorization: `Bearer ${session}` });
  await eventually(() => seen.text().includes("position"));
  await gateway.context.sql.close({ timeout: 0 });
  expect(await Promise.race([seen.ended.then(() => "ended"), Bun.sleep(200).then(() => "open")])).toBe("open");
  seen.leave();
});

test("subscriptions never take the requests that calls need: one too many is refused, and leaving one makes room", async () => {
  const { order, gateway } = await open((url) => ({ ORDER_URL: url, BUN_CONFIG_MAX_HTTP_REQUESTS: "4" }));
  const call = `order.watch?${input({ count: 1 })}`;
  const [first, second] = [await watch(gateway, call), await watch(gateway, call)];
  const third = await watch(gateway, call);
  expect([third.response.status, third.response.headers.get("retry-after")]).toEqual([503, "5"]);
  await third.ended;
  expect(JSON.parse(third.text())).toMatchObject({ error: { data: { reason: "overloaded", path: "order.watch" } } });
  await eventually(() => order.aborted.includes("watch"));
  expect((await fetch(`${gateway.url}/trpc/order.whoAmI`)).status).toBe(200);
  first.leave();
  await eventually(async () => {
    const next = await watch(gateway, call);
    next.leave();
    return next.response.status === 200;
  });
  second.leave();
});
