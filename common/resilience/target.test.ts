import { afterEach, expect, spyOn, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { Unavailable } from "../errors.ts";
import { createMetrics } from "../observability/metrics.ts";
import type { CallSettings } from "./call-settings.ts";
import { deadlineHeader, underDeadline } from "./deadline.ts";
import type { OutgoingCall } from "./target.ts";
import { fixedPeers } from "./testing/fixed-peers.ts";

type Server = Bun.Server<undefined>;
const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop(true))));

function serve(answer: (request: Request) => Response | Promise<Response>, port = 0): Server {
  const server = Bun.serve({ hostname: "127.0.0.1", port, idleTimeout: 0, fetch: answer });
  servers.push(server);
  return server;
}
const urlOf = (server: Server) => `http://127.0.0.1:${server.port}`;
const never = () => new Promise<Response>(() => undefined);
const deadUrl = "http://127.0.0.1:9";
const ok = () => new Response("ok");

function aTarget(urls: string[], settings: Partial<CallSettings> = {}) {
  const metrics = createMetrics({ service: "test", instance: "test", defaults: false });
  const target = fixedPeers({ sample: urls }, { metrics }).target({ service: "sample", settings });
  const send = (call: Partial<OutgoingCall> = {}) =>
    target.send({ method: "POST", path: "/internal/x", headers: {}, isSafe: false, ...call });
  const shows = async (line: string) => expect((await metrics.exposition()).body).toContain(line);
  return { target, send, shows };
}

async function failureOf(call: Promise<unknown>): Promise<Unavailable> {
  const error: unknown = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof Unavailable) return error;
  throw new Error(`expected Unavailable, got ${error}`);
}

/** Takes the request and drops the connection, as a process that dies does. */
function dropping() {
  let taken = 0;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        taken++;
        socket.terminate();
      },
    },
  });
  return { url: `http://127.0.0.1:${listener.port}`, taken: () => taken, stop: () => listener.stop(true) };
}

test("what was never sent goes to another instance, also when it must not be repeated", async () => {
  const { send } = aTarget([deadUrl, urlOf(serve(ok))]);
  for (let n = 0; n < 20; n++) expect((await send()).status).toBe(200);
});

test("what may have been received is repeated elsewhere only when that is safe", async () => {
  const dying = dropping();
  const safe = aTarget([dying.url, urlOf(serve(ok))]);
  for (let n = 0; n < 20; n++) expect((await safe.send({ isSafe: true })).status).toBe(200);
  const takenSafely = dying.taken();
  expect(takenSafely).toBeGreaterThan(0);
  const unsafe = aTarget([dying.url]);
  expect((await failureOf(unsafe.send())).reason).toBe("dependency_unavailable");
  expect(dying.taken()).toBe(takenSafely + 1);
  dying.stop();
});

test("an instance that does not answer costs a safe call half of its time, not all", async () => {
  const { send } = aTarget([urlOf(serve(never)), urlOf(serve(ok))], { timeoutMs: 1_000 });
  const answers = await Promise.all(Array.from({ length: 10 }, () => send({ isSafe: true })));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
});

test("the time that is left goes along, and shrinks", async () => {
  const seen: number[] = [];
  const server = serve((request) => {
    seen.push(Number(request.headers.get(deadlineHeader)));
    return ok();
  });
  const { send } = aTarget([urlOf(server)], { timeoutMs: 5_000 });
  await send();
  await underDeadline(performance.now() + 300, () => send());
  expect(seen[0]).toBeWithin(4_000, 5_001);
  expect(seen[1]).toBeWithin(1, 301);
});

test("when no time is left nothing is sent", async () => {
  let asked = 0;
  const { send } = aTarget([urlOf(serve(() => new Response(String(++asked))))]);
  await failureOf(underDeadline(performance.now() - 1, () => send()));
  expect(asked).toBe(0);
});

test("a caller's impatience is not held against the one it asks", async () => {
  const { send, shows } = aTarget([urlOf(serve(never))], { breakerFailures: 1 });
  await failureOf(underDeadline(performance.now() + 30, () => send()));
  await shows('circuit_breaker_state{target="sample",service="test",instance="test"} 0');
});

test("nor is it when the one it asks says that the time is over; who had time enough and no answer is", async () => {
  const { send, shows } = aTarget([urlOf(serve(() => new Response("", { status: 504 })))], { breakerFailures: 1 });
  expect((await failureOf(underDeadline(performance.now() + 200, () => send()))).retryAfterS).toBe(1);
  await shows('circuit_breaker_state{target="sample",service="test",instance="test"} 0');
  await failureOf(send());
  await shows('circuit_breaker_state{target="sample",service="test",instance="test"} 2');
});

test("a breaker opens, refuses at once, lets one call try, and closes", async () => {
  const settings = { breakerFailures: 3, breakerOpenMs: 200, timeoutMs: 300, maxAttempts: 1 };
  let answer: () => Response | Promise<Response> = never;
  const server = serve(() => answer());
  const { send, shows } = aTarget([urlOf(server)], settings);
  for (let n = 0; n < 3; n++) await failureOf(send());
  await shows('circuit_breaker_state{target="sample",service="test",instance="test"} 2');

  const refusedAt = performance.now();
  const refusal = await failureOf(send());
  expect(performance.now() - refusedAt).toBeLessThan(settings.timeoutMs / 2);
  expect(refusal).toMatchObject({ reason: "dependency_unavailable", retryAfterS: 1 });

  // One call tries and hangs; nobody waits for how that ends.
  await eventually(async () => {
    const trying = send();
    const settled = await Promise.race([trying.catch(() => "refused"), Bun.sleep(20).then(() => "trying")]);
    expect(settled).toBe("trying");
    const askedAt = performance.now();
    await failureOf(send());
    expect(performance.now() - askedAt).toBeLessThan(settings.timeoutMs / 2);
    await failureOf(trying);
  });

  answer = ok;
  await eventually(async () => expect((await send()).status).toBe(200));
  await shows('circuit_breaker_state{target="sample",service="test",instance="test"} 0');
});

test("other limits leave an open breaker open, and it closes as the new ones say", async () => {
  let answer: () => Response | Promise<Response> = never;
  const server = serve(() => answer());
  const { target, send, shows } = aTarget([urlOf(server)], {
    breakerFailures: 2,
    breakerOpenMs: 60_000,
    timeoutMs: 300,
  });
  for (let n = 0; n < 2; n++) await failureOf(send());
  answer = ok;
  target.settings.change({ timeoutMs: 5_000, maxConcurrent: 10, breakerFailures: 4 });
  await shows('circuit_breaker_state{target="sample",service="test",instance="test"} 2');
  expect((await failureOf(send())).reason).toBe("dependency_unavailable");
  target.settings.change({ breakerOpenMs: 100 });
  await eventually(async () => expect((await send()).status).toBe(200));
  await shows('circuit_breaker_state{target="sample",service="test",instance="test"} 0');
});

test("an open breaker lets a call try after its time, though the clock is set back meanwhile", async () => {
  let answer: () => Response | Promise<Response> = never;
  const server = serve(() => answer());
  const { send } = aTarget([urlOf(server)], { breakerFailures: 1, breakerOpenMs: 200, timeoutMs: 300 });
  await failureOf(send());
  answer = ok;
  const timeOfDay = Date.now;
  const clock = spyOn(Date, "now").mockImplementation(() => timeOfDay() - 3_600_000);
  try {
    await failureOf(send());
    await eventually(async () => expect((await send()).status).toBe(200), { timeoutMs: 5_000 });
  } finally {
    clock.mockRestore();
  }
});

test.each([400, 409, 429, 500, 503])("an answer is an answer: %d does not open the breaker", async (status) => {
  const { send } = aTarget([urlOf(serve(() => new Response("", { status })))], { breakerFailures: 1 });
  for (let n = 0; n < 3; n++) expect((await send()).status).toBe(status);
});

test("a proxy that has nobody behind it is no answer", async () => {
  const { send } = aTarget([urlOf(serve(() => new Response("", { status: 502 })))]);
  expect((await failureOf(send())).reason).toBe("dependency_unavailable");
});

test("no more than so many are under way, and so many wait", async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  let underWay = 0;
  const server = serve(async () => {
    underWay++;
    await opened;
    return ok();
  });
  const { send } = aTarget([urlOf(server)], { maxConcurrent: 2, maxQueued: 1 });
  const calls = [send(), send(), send()];
  await eventually(() => underWay === 2);
  expect((await failureOf(send())).reason).toBe("overloaded");
  open();
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200, 200]);
});

test("an outage does not multiply the calls", async () => {
  const dying = dropping();
  const { send } = aTarget([dying.url], { breakerFailures: 1_000, retryDelayMs: 1, maxAttempts: 5 });
  for (let n = 0; n < 100; n++) await failureOf(send({ isSafe: true }));
  expect(dying.taken()).toBeLessThan(140);
  dying.stop();
});

test("settings change while it runs, and a bad one changes nothing", async () => {
  const { target, send } = aTarget([urlOf(serve(never))], { timeoutMs: 60_000 });
  expect(() => target.settings.change({ timeoutMs: 0 })).toThrow();
  expect(target.settings.current().timeoutMs).toBe(60_000);
  target.settings.change({ timeoutMs: 300 });
  await failureOf(send());
});

test("a caller that leaves is thrown its own reason", async () => {
  const { send } = aTarget([urlOf(serve(never))]);
  const leaving = new AbortController();
  const call = send({ signal: leaving.signal });
  leaving.abort();
  await expect(call).rejects.toMatchObject({ name: "AbortError" });
});
