import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";

const root = join(import.meta.dir, "..");
const told = ["order", "inventory", "notify", "worker"] as const;
type Told = (typeof told)[number];
const drops: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(drops.map((drop) => drop()));
});

async function environmentOf(service: Told) {
  const database = await createTestDatabase({ service });
  drops.push(() => database.drop());
  return testEnvironment({ service, databaseUrl: database.url });
}

async function openWorkerOf(service: Told) {
  const environment = await environmentOf(service);
  const child = Bun.spawn([process.execPath, "worker.ts"], {
    cwd: join(root, service),
    env: { ...process.env, ...environment, PORT: "", HEALTH_PORT: "0", LOG_LEVEL: "info" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const reader = child.stdout.pipeThrough(new TextDecoderStream() as never).getReader();
  let log = "";
  const url = await eventually(
    async () => {
      log += (await reader.read()).value ?? "";
      return /"url":"(http:[^"]+)","msg":"listening"/.exec(log)?.[1] ?? null;
    },
    { timeoutMs: 15_000 },
  );
  return { url, child };
}

describe("what is told, run without what is asked", () => {
  test.concurrent.each([...told])(
    "%s says how it is, and answers nothing else",
    async (service) => {
      const { url, child } = await openWorkerOf(service);
      const health = await fetch(`${url}/healthz`);
      expect({ status: health.status, body: await health.json() }).toEqual({
        status: 200,
        body: { status: "ok", service },
      });
      const readiness = await fetch(`${url}/readyz`);
      expect({ status: readiness.status, body: await readiness.json() }).toMatchObject({
        status: 200,
        body: { status: "ready", checks: { database: { ok: true } } },
      });
      expect(await (await fetch(`${url}/metrics`)).text()).toContain(`service="${service}"`);
      for (const path of ["/trpc/list", "/internal/read", "/procedures", "/docs"])
        expect((await fetch(url + path)).status).toBe(404);
      child.kill("SIGTERM");
      expect(await child.exited).toBe(0);
    },
    30_000,
  );
});

test("a port for watching that is taken stops the start and is named", async () => {
  const holder = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const environment = await environmentOf("order");
  const child = Bun.spawn([process.execPath, "worker.ts"], {
    cwd: join(root, "order"),
    env: { ...process.env, ...environment, HEALTH_PORT: String(holder.port), LOG_LEVEL: "fatal" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  expect(await child.exited).toBe(70);
  expect(await new Response(child.stdout).text()).toContain(`Port ${holder.port} on 127.0.0.1 is taken`);
  await holder.stop(true);
});
