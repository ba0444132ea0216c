import { afterAll, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createTestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";

const database = await createTestDatabase({ service: "none" });
afterAll(() => database.drop());

async function run(file: string, more: Record<string, string> = {}) {
  const env = {
    ...process.env,
    ...(await testEnvironment({ service: "inventory", databaseUrl: database.url })),
    ...more,
  };
  return Bun.spawn([process.execPath, file], { cwd: import.meta.dir, env, stdout: "pipe", stderr: "pipe" });
}

test("from an empty database: migrated, seeded, started, ready, and stopped by SIGTERM", async () => {
  for (const command of ["migrate.ts", "migrate.ts", "seed.ts", "seed.ts"]) {
    const child = await run(command);
    expect({ command, code: await child.exited, error: await new Response(child.stderr).text() }).toEqual({
      command,
      code: 0,
      error: "",
    });
  }
  const service = await run("main.ts", { LOG_LEVEL: "info" });
  const reader = service.stdout.pipeThrough(new TextDecoderStream() as never).getReader();
  let log = "";
  const port = await eventually(async () => {
    log += (await reader.read()).value ?? "";
    return /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(log)?.[1] ?? null;
  });
  const url = `http://127.0.0.1:${port}`;
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const found = await fetch(`${url}/trpc/search?input=${encodeURIComponent('{"text":"espresso","limit":1}')}`);
  expect(await found.json()).toMatchObject({ result: { data: { items: [{ name: "Espresso cup, sand" }] } } });
  service.kill("SIGTERM");
  expect(await service.exited).toBe(0);
});

test("a bad setting stops the start and names itself", async () => {
  const service = await run("main.ts", { LOW_STOCK_THRESHOLD: "few", PORT: "high" });
  expect(await service.exited).toBe(78);
  const error = await new Response(service.stderr).text();
  expect(error).toContain("LOW_STOCK_THRESHOLD");
  expect(error).toContain("PORT");
});
