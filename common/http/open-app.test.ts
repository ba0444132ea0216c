import { afterEach, expect, test } from "bun:test";
import { type AnyElysia, Elysia } from "elysia";
import { createLogger } from "../observability/logger.ts";
import { createMetrics } from "../observability/metrics.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { type OpenDoor, openApp } from "./open-app.ts";
import { createServiceApp } from "./service-app.ts";
import { openSampleService } from "./testing/open-sample-service.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

const local = { host: "127.0.0.1", port: 0 };

/** Answers after `ms`; `entered` resolves when a request is being answered. */
function slowApp(ms: number) {
  const { promise: entered, resolve } = Promise.withResolvers<void>();
  const app = new Elysia().get("/slow", async () => {
    resolve();
    await Bun.sleep(ms);
    return "done";
  });
  return { app, entered };
}

async function open(app: AnyElysia, drainTimeoutMs?: number): Promise<OpenDoor> {
  const door = await openApp(app, { ...local, ...(drainTimeoutMs !== undefined && { drainTimeoutMs }) });
  opened.push(door);
  return door;
}

test("a taken port is named, with what to do", async () => {
  const door = await open(new Elysia());
  const second = openApp(new Elysia(), { ...local, port: door.port });
  await expect(second).rejects.toThrow(`Port ${door.port} on 127.0.0.1 is taken: stop the process that listens there`);
});

test("closing lets a request in flight finish, and takes no other", async () => {
  const { app, entered } = slowApp(150);
  const door = await open(app);
  const inFlight = fetch(`${door.url}/slow`).then((response) => response.text());
  await entered;
  const closing = door.close();
  await expect(fetch(`${door.url}/slow`)).rejects.toThrow();
  await closing;
  expect(await inFlight).toBe("done");
});

test("what does not finish within the bound is cut", async () => {
  const { app, entered } = slowApp(60_000);
  const door = await open(app, 50);
  const inFlight = fetch(`${door.url}/slow`).then(
    () => "answered",
    () => "cut",
  );
  await entered;
  const startedAt = performance.now();
  await door.close();
  expect(performance.now() - startedAt).toBeWithin(40, 1_000);
  expect(await inFlight).toBe("cut");
});

test("an idle connection does not hold up the close, and closing twice is closing once", async () => {
  const door = await open(slowApp(0).app);
  await (await fetch(`${door.url}/slow`)).text();
  const startedAt = performance.now();
  await Promise.all([door.close(), door.close()]);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test("stopping is said before anything else ends", async () => {
  const { app, entered } = slowApp(100);
  const door = await open(app);
  const inFlight = fetch(`${door.url}/slow`);
  await entered;
  const closing = door.close();
  expect(lifecycleOf(app).stopping.aborted).toBe(true);
  await inFlight;
  await closing;
});

type Readiness = { status: string; checks: Record<string, { ok: boolean; error?: string }> };

async function readiness(url: string): Promise<{ status: number; body: Readiness }> {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, body: (await response.json()) as Readiness };
}

test("a service is ready while all its checks pass, and names the one that does not", async () => {
  let isDatabaseUp = true;
  const database = async () => {
    if (!isDatabaseUp) throw new Error("no answer from the database");
  };
  const service = await openSampleService({ checks: { database, broker: async () => {} } });
  opened.push(service);
  expect(await readiness(service.url)).toEqual({
    status: 200,
    body: { status: "ready", checks: { database: { ok: true }, broker: { ok: true } } },
  });
  isDatabaseUp = false;
  const checks = { database: { ok: false, error: "no answer from the database" }, broker: { ok: true } };
  expect(await readiness(service.url)).toEqual({ status: 503, body: { status: "not_ready", checks } });
  expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
});

test("a check that never answers is a check that fails", async () => {
  const service = await openSampleService({ checks: { stuck: () => new Promise<void>(() => {}) } });
  opened.push(service);
  const { status, body } = await readiness(service.url);
  expect(status).toBe(503);
  expect(body.checks.stuck?.error).toBe("no answer within 2000 ms");
});

test("a stopping service says 503 for as long as it is to announce that", async () => {
  const logger = createLogger({ service: "sample", instance: "1", level: "silent" });
  const metrics = createMetrics({ service: "sample", instance: "1", defaults: false });
  const app = createServiceApp({ service: "sample", logger, metrics, checks: {} });
  const door = await openApp(app, { ...local, announceMs: 100 });
  expect((await readiness(door.url)).status).toBe(200);
  const closing = door.close();
  expect(await readiness(door.url)).toEqual({ status: 503, body: { status: "stopping", checks: {} } });
  await closing;
  await expect(fetch(door.url)).rejects.toThrow();
});

test("it leaves the lists of others before anything else", async () => {
  const { app, entered } = slowApp(100);
  const left = Promise.withResolvers<boolean>();
  const leave = async () => left.resolve(lifecycleOf(app).stopping.aborted);
  const door = await openApp(app, { ...local, leave });
  const inFlight = fetch(`${door.url}/slow`);
  await entered;
  const closing = door.close();
  expect(await left.promise).toBe(true);
  expect((await inFlight).status).toBe(200);
  await closing;
});

test("while a service stops, each answer is the last on its connection", async () => {
  const service = await openSampleService({ leaveMs: 100 });
  const ask = async () => (await fetch(`${service.url}/trpc/greet`)).headers.get("connection");
  expect(await ask()).not.toBe("close");
  const closing = service.close();
  expect(await ask()).toBe("close");
  await closing;
});
