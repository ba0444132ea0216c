import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { appendEvents } from "@orderflow/common/messaging/append";
import { ensureStreams } from "@orderflow/common/messaging/streams";
import { temporaryFolder } from "@orderflow/tools/testing/temporary-folder";
import { SQL } from "bun";
import { writeComposeSecrets } from "../secrets/compose-secrets.ts";
import { attempt, type ServerOfItsOwn, startServerOfItsOwn } from "../testing/server-of-its-own.ts";
import { runContainer } from "./testing/container.ts";

const secrets = temporaryFolder();
let server: ServerOfItsOwn;

const run = (name: string, ...args: string[]) => runContainer(name, { secrets, args, given: { USER: "ann" } });
const urlOf = (service: string) => readFileSync(join(secrets, service, "database-url"), "utf8");

beforeAll(async () => {
  server = await startServerOfItsOwn("operator");
  const POSTGRES_PASSWORD = new URL(server.url).password;
  await writeComposeSecrets(secrets, { POSTGRES_ADDRESS: server.url, POSTGRES_PASSWORD });
  expect(await run("databases")).toMatchObject({ exitCode: 0 });
  expect(await run("migrate")).toMatchObject({ exitCode: 0 });
}, 120_000);
afterAll(() => server.stop());

/** Of a type that listeners do not know, so that they apply it without an effect. */
async function tellThree(): Promise<void> {
  const sql = new SQL(urlOf("order"), { max: 1 });
  await ensureStreams(sql, ["order"]);
  const facts = [1, 2, 3].map((n) => ({ stream: "order", type: "order.greeted", key: `k${n}`, data: { n } }));
  await sql.begin((tx) => appendEvents(tx, facts));
  await sql.close();
}

describe("as compose.yaml runs it,", () => {
  test("the audit checks everything, in a role that may only read", async () => {
    const { exitCode, said } = await run("audit");
    expect(said).toContain("All invariants hold");
    expect(said).not.toContain("not checked");
    expect(exitCode).toBe(0);
    const json = JSON.parse((await run("audit", "--json", "-")).output);
    expect(json).toMatchObject({ isClean: true });
  }, 60_000);

  test("the audit sees jobs that have no attempts left", async () => {
    const exhausted = "update graphile_worker._private_jobs set attempts = max_attempts, last_error = 'no'";
    expect(await attempt(urlOf("worker"), "select graphile_worker.add_job('later')")).toBe("done");
    expect(await attempt(urlOf("worker"), exhausted)).toBe("done");
    const { exitCode, said } = await run("audit");
    expect(said).toContain("worker: jobs-exhausted (attention)");
    expect(exitCode).toBe(1);
    expect(await attempt(urlOf("worker"), "delete from graphile_worker._private_jobs")).toBe("done");
  }, 60_000);

  test("a reader begins where it is told, and who said so is the caller of Compose", async () => {
    await tellThree();
    expect(await run("readers", "begin", "order", "notify", "--at", "head", "--reason", "new here")).toMatchObject({
      exitCode: 0,
      said: "notify goes on with 4 of order. It never applies 1 to 3.",
    });
    expect((await run("readers")).said).toMatch(/notify skipped 1 to 3 of order: new here \(begin as ann, /);
  }, 30_000);

  test("realigning looks at both ends", async () => {
    const { said } = await run("realign", "--stream", "order", "--service", "notify");
    expect(said).toMatch(/^listener +state .*\nnotify +continues +3/);
  }, 30_000);

  test("a history is replayed into a database that is the service's role's, named or by its address", async () => {
    expect(await attempt(server.url, "create database looked owner notify")).toBe("done");
    const replay = ["--service", "notify", "--stream", "order", "--to"];
    expect(await run("replay", ...replay, "looked")).toMatchObject({
      exitCode: 0,
      said: expect.stringMatching(/3 applied, 0 set aside, up to 3/),
    });
    const own = await run("replay", ...replay, "orderflow_notify");
    expect(own).toMatchObject({ exitCode: 2, said: "orderflow_notify is the database that notify works with." });
    expect(await run("replay", ...replay, "no/where")).toMatchObject({ exitCode: 2 });
  }, 60_000);

  test("dead letters want an operator's account, and a gateway that answers", async () => {
    const nobody = await run("dead-letters", "list");
    expect(nobody).toMatchObject({ exitCode: 2, said: "Set OPERATOR_EMAIL and OPERATOR_PASSWORD to sign in." });
    const given = { OPERATOR_EMAIL: "a@example.com", OPERATOR_PASSWORD: "pw" };
    const { exitCode, said } = await runContainer("dead-letters", { secrets, given });
    expect(exitCode).toBe(2);
    expect(said).toContain("The gateway does not answer at http://gateway:3000");
  }, 30_000);

  test("each reaches what it works on, migrates nothing, and is called by nobody but an operator", () => {
    const compose = Bun.YAML.parse(readFileSync(join(import.meta.dir, "../../compose.yaml"), "utf8")) as {
      services: Record<string, { profiles?: string[]; networks: string[]; depends_on?: object; volumes?: string[] }>;
    };
    const ofOperators = Object.entries(compose.services).filter(([, { profiles }]) => profiles?.includes("operator"));
    const reach = ofOperators.map(([name, { networks, depends_on = {}, volumes = [] }]) => {
      return [name, { networks, needs: Object.keys(depends_on), mounts: volumes.length }];
    });
    expect(Object.fromEntries(reach)).toEqual({
      audit: { networks: ["data"], needs: ["postgres"], mounts: 1 },
      readers: { networks: ["data"], needs: ["postgres"], mounts: 1 },
      realign: { networks: ["data", "services"], needs: ["postgres"], mounts: 1 },
      replay: { networks: ["data"], needs: ["postgres"], mounts: 2 },
      "dead-letters": { networks: ["services"], needs: [], mounts: 0 },
    });
  });

  test.each(["audit", "readers", "realign", "replay", "dead-letters"])("%s explains itself", async (name) => {
    const { exitCode, said } = await run(name, "--help");
    expect(exitCode).toBe(0);
    expect(said).toStartWith(`Usage: docker compose run --rm ${name}`);
    expect(said).not.toContain("bun run");
  });
});
