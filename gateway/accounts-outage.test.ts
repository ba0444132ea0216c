import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { openTcpProxy, type TcpProxy } from "@orderflow/tools/chaos/tcp-proxy";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { postJson, signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";
import { bearer } from "./testing/who-am-i.ts";

setDefaultTimeout(20_000);

let database: TestDatabase;
let proxy: TcpProxy;
let gateway: TestGateway;

beforeAll(async () => {
  database = await createTestDatabase({ service: "gateway" });
  const behindProxy = new URL(database.url);
  proxy = await openTcpProxy(Number(behindProxy.port));
  behindProxy.port = String(proxy.port);
  gateway = await startGateway({ DATABASE_URL: behindProxy.href }, {}, database);
});

afterAll(async () => {
  await gateway.close();
  await proxy.close();
  await database.drop();
});

const newPassword = { currentPassword: "correct horse", newPassword: "another horse" };

/** What each route that needs a session, or gives one, answers to these credentials. */
async function askAll(headers: Record<string, string>) {
  const get = (route: string) => fetch(`${gateway.url}/auth/${route}`, { headers });
  const post = (route: string, body: object) => postJson(`${gateway.url}/auth/${route}`, body, headers);
  const asked = {
    token: get("token"),
    "get-session": get("get-session"),
    "change-password": post("change-password", newPassword),
    "sign-out": post("sign-out", {}),
    "sign-in/email": post("sign-in/email", { email: "a@example.com", password: "correct horse" }),
  };
  const answers: Record<string, unknown> = {};
  for (const [route, answer] of Object.entries(asked)) {
    const { status, headers: told } = await answer;
    answers[route] = [status, told.get("retry-after"), told.get("set-cookie"), await (await answer).json()];
  }
  return answers;
}

test("while the database refuses connections nobody is told that he is signed out, and then nobody is", async () => {
  const { session, cookie } = await signUp(gateway.url);
  await proxy.setMode("refuse");
  try {
    for (const credentials of [bearer(session), { cookie, origin: "http://shop.test" }]) {
      const answers = await askAll(credentials);
      for (const [route, answer] of Object.entries(answers)) {
        const away = { code: "SERVICE_UNAVAILABLE", message: "Accounts are not reachable" };
        expect([route, answer]).toEqual([route, [503, "1", null, away]]);
      }
    }
  } finally {
    await proxy.setMode("pass");
  }
  expect((await fetch(`${gateway.url}/auth/token`, { headers: bearer(session) })).status).toBe(200);
});

test("a session that could be read but not ended is not told to have ended", async () => {
  const { session } = await signUp(gateway.url);
  await database.sql`
    create function refuse() returns trigger language plpgsql as $$ begin raise exception using errcode = '53100'; end $$`;
  await database.sql`create trigger refuse before delete on session execute function refuse()`;
  const signOut = () => postJson(`${gateway.url}/auth/sign-out`, {}, bearer(session));
  const refused = await signOut();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  await database.sql`drop trigger refuse on session`;
  expect((await signOut()).status).toBe(200);
  expect((await fetch(`${gateway.url}/auth/token`, { headers: bearer(session) })).status).toBe(401);
});

test("without credentials that are ours, no database is needed to say so", async () => {
  await proxy.setMode("refuse");
  try {
    for (const headers of [{}, bearer("made.up")])
      expect((await fetch(`${gateway.url}/auth/token`, { headers })).status).toBe(401);
  } finally {
    await proxy.setMode("pass");
  }
});
