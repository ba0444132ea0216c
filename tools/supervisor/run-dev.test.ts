import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../embedded/repository-root.ts";
import { type ServiceName, serviceNames } from "../embedded/service-names.ts";
import { createTestDatabase } from "../testing/test-database.ts";
import { testEnvironment } from "../testing/test-environment.ts";

setDefaultTimeout(20_000);

/** What a system that ran in this checkout has left behind must not count. */
const noState = join(repositoryRoot, ".orderflow/none");
const drops: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(drops.map((drop) => drop()));
});

/** `bun run dev` in the service's folder, against a database and a broker of this test's. */
async function startDev(service: ServiceName) {
  const database = await createTestDatabase({ service });
  drops.push(() => database.drop());
  const urls = Object.fromEntries(serviceNames.map((name) => [`${name.toUpperCase()}_URL`, "http://127.0.0.1:9"]));
  const child = Bun.spawn([process.execPath, "run", "dev"], {
    cwd: join(repositoryRoot, service),
    env: {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME, AUTH_SECRET: "s".repeat(32), ...urls },
      ...(await testEnvironment({ service, databaseUrl: database.url })),
      ...{ LOG_LEVEL: "info", LOG_PRETTY: "false", ORDERFLOW_STATE: noState },
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, log: logOf(child.stdout) };
}

/** Reads on until a line says so; answers what it matched. */
function logOf(output: ReadableStream<Uint8Array<ArrayBuffer>>) {
  const reader = output.pipeThrough(new TextDecoderStream()).getReader();
  let unread = "";
  return {
    async until(wanted: RegExp): Promise<string> {
      for (;;) {
        const found = wanted.exec(unread);
        if (found) {
          unread = unread.slice(found.index + found[0].length);
          return found[1] ?? "";
        }
        const { value, done } = await reader.read();
        if (done) throw new Error(`It ended without ${wanted}: ${unread}`);
        unread += value;
      }
    },
  };
}

/** The same text under another inode, as an editor saves: the checkout is as it was. */
function save(file: string): void {
  const beside = `${file}.${process.pid}.saved`;
  copyFileSync(file, beside);
  renameSync(beside, file);
}

const listening = /"url":"(http:[^"]+)","msg":"listening"/;

describe("bun run dev", () => {
  test.each([...serviceNames])(
    "in the folder of %s runs that service, again after a change, and ends when it is told to",
    async (service) => {
      const { child, log } = await startDev(service);
      try {
        const health = await fetch(`${await log.until(listening)}/healthz`);
        expect(await health.json()).toEqual({ status: "ok", service });
        save(join(repositoryRoot, service, "config.ts"));
        await log.until(listening);
        child.kill("SIGTERM");
        expect(await child.exited).toBe(0);
      } finally {
        child.kill("SIGKILL");
      }
    },
    60_000,
  );

  test("says what is missing where nothing is named and nothing runs, and which services there are", async () => {
    const run = (...args: string[]) => {
      const env = { PATH: process.env.PATH, ORDERFLOW_STATE: noState };
      const command = [process.execPath, "tools/commands/dev.ts", ...args];
      const { exitCode, stderr } = Bun.spawnSync(command, { cwd: repositoryRoot, env });
      return { exitCode, said: stderr.toString() };
    };
    expect(run("order")).toEqual({ exitCode: 2, said: expect.stringContaining("There is nothing to connect to.") });
    expect(run("orders")).toEqual({ exitCode: 2, said: expect.stringContaining('There is no service "orders".') });
  });
});
