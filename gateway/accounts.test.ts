import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { seedAccounts } from "./seed.ts";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { postJson, signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";
import { bearer, whoAmI as seenBy } from "./testing/who-am-i.ts";

setDefaultTimeout(20_000);

let order: StandIn;
let gateway: TestGateway;

beforeAll(async () => {
  order = await openStandIn("order");
  gateway = await startGateway({ ORDER_URL: order.url });
});

afterAll(async () => {
  await gateway.close();
  await order.close();
});

const whoAmI = (headers: Record<string, string>, init: RequestInit = {}, url = gateway.url) =>
  seenBy(url, headers, init);

describe("signing up and in", () => {
  test("gives a token with which the service sees the customer with id, name and e-mail", async () => {
    const { email } = await signUp(gateway.url);
    const signedIn = await postJson(`${gateway.url}/auth/sign-in/email`, {
      email: email.toUpperCase(),
      password: "correct horse",
    });
    expect(signedIn.status).toBe(200);
    const { user } = (await signedIn.json()) as { user: { id: string } };
    const answer = await fetch(`${gateway.url}/auth/token`, {
      headers: bearer(signedIn.headers.get("set-auth-token") ?? ""),
    });
    const { token } = (await answer.json()) as { token: string };
    const { caller } = await whoAmI(bearer(token));
    expect(caller).toEqual({ role: "customer", id: user.id, name: "Ann Example", email });
    expect(user.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  test("a wrong password and an unknown e-mail are answered alike", async () => {
    const { email } = await signUp(gateway.url);
    const wrong = await postJson(`${gateway.url}/auth/sign-in/email`, { email, password: "wrong horse" });
    const unknown = await postJson(`${gateway.url}/auth/sign-in/email`, {
      email: "nobody@example.com",
      password: "wrong horse",
    });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(await wrong.json()).toEqual(await unknown.json());
  });

  test("signing up with an address that is taken is answered like any other, and changes nothing", async () => {
    const { email } = await signUp(gateway.url);
    const answered = async (address: string, fields: Record<string, unknown> = {}) => {
      const body = { email: address, password: "another horse", name: "Eve Example", ...fields };
      const response = await postJson(`${gateway.url}/auth/sign-up/email`, body);
      const { token, user } = (await response.json()) as { token: null; user: Record<string, unknown> };
      const { id, createdAt, updatedAt, email: told, ...rest } = user ?? {};
      return {
        status: response.status,
        headers: [...response.headers.keys()].sort(),
        names: Object.keys(user ?? {}),
        shapes: [id, createdAt, updatedAt].map((value) => String(value).replaceAll(/[0-9a-f]/g, "0")),
        token,
        rest,
      };
    };
    const fresh = `${crypto.randomUUID()}@example.com`;
    expect(await answered(email)).toEqual(await answered(fresh));
    expect(await answered(email.toUpperCase())).toMatchObject({ status: 200, token: null });
    for (const wrong of [{ name: "a\nb" }, { password: "short" }, { password: "x".repeat(129) }])
      expect((await answered(email, wrong)).status).toBe((await answered(`x${fresh}`, wrong)).status);
    const signIn = (password: string) => postJson(`${gateway.url}/auth/sign-in/email`, { email, password });
    expect((await signIn("another horse")).status).toBe(401);
    expect((await signIn("correct horse")).status).toBe(200);
  });

  test("text that PostgreSQL cannot store is refused", async () => {
    const body = `{"email":"${crypto.randomUUID()}@example.com","password":"correct horse","name":"Ann","image":"a\\u0000"}`;
    const headers = { "content-type": "application/json" };
    expect((await fetch(`${gateway.url}/auth/sign-up/email`, { method: "POST", body, headers })).status).toBe(400);
  });

  test("Node's fetch, which marks its requests in part as a browser does, signs in", async () => {
    const { email } = await signUp(gateway.url);
    const credentials = { email, password: "correct horse" };
    const signIn = (marks: Record<string, string>) => postJson(`${gateway.url}/auth/sign-in/email`, credentials, marks);
    expect((await signIn({ "sec-fetch-mode": "cors" })).status).toBe(200);
    expect((await signIn({ "sec-fetch-mode": "cors", "sec-fetch-site": "cross-site" })).status).toBe(403);
  });

  test("neither role nor id nor a verified e-mail can be chosen", async () => {
    const { jwt } = await signUp(gateway.url, { role: "operator", emailVerified: true, id: "chosen" });
    const { caller } = await whoAmI(bearer(jwt));
    expect(caller?.role).toBe("customer");
    expect(caller?.id).not.toBe("chosen");
    const [{ verified }] = await gateway.database.sql`
      select email_verified as verified from "user" where id = ${caller?.id}`;
    expect(verified).toBe(false);
  });

  test.each([
    { password: "short" },
    { password: "x".repeat(129) },
    { email: "no-mail" },
    { email: `${"a".repeat(250)}@example.com` },
    { name: "x".repeat(101) },
    { name: "Ann\r\nBcc: all@example.com" },
    { name: "" },
  ])("%p is refused", async (fields) => {
    const body = { email: `${crypto.randomUUID()}@example.com`, password: "correct horse", name: "Ann", ...fields };
    const { status } = await postJson(`${gateway.url}/auth/sign-up/email`, body);
    expect(status).toBe(400);
  });

  test("the password is stored as argon2id, and the key that signs our tokens encrypted", async () => {
    await signUp(gateway.url);
    const [{ password }] = await gateway.database.sql`select password from account limit 1`;
    expect(password).toStartWith("$argon2id$v=19$m=19456,t=2,");
    const [{ key }] = await gateway.database.sql`select private_key as key from jwks limit 1`;
    expect(key).not.toContain('"d"');
  });

  test("is throttled by the connection's address, whatever address the client claims", async () => {
    const strict = await startGateway({ AUTH_RATE_LIMIT_MAX: "3" });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const claimed = { "x-forwarded-for": `10.0.0.${attempt}`, "x-orderflow-client-address": `10.0.0.${attempt}` };
      const response = await postJson(
        `${strict.url}/auth/sign-in/email`,
        { email: "a@example.com", password: "wrong horse" },
        claimed,
      );
      statuses.push(response.status);
      if (response.status === 429) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    await strict.close();
  });
});

describe("routes of the library that we do not mean to have", () => {
  test.each([
    "ok",
    "error",
    "list-sessions",
    "update-user",
    "delete-user",
    "change-email",
    "request-password-reset",
    "reset-password",
    "verify-email",
    "link-social",
    "sign-in/social",
    "list-accounts",
    "update-session",
    "revoke-sessions",
    "sign-up/email/",
    "sign-up%2femail",
    "SIGN-UP/email",
    "token/../update-user",
    "",
    "jwks.json",
    "verify-password",
    "set-password",
    "get-access-token",
    "account-info",
  ])("/auth/%s is not found", async (route) => {
    for (const method of ["GET", "POST"]) {
      const response = await fetch(`${gateway.url}/auth/${route}`, {
        method,
        ...(method === "POST" && { body: "{}", headers: { "content-type": "application/json" } }),
      });
      expect(response.status).toBe(404);
    }
  });

  test("a route answers to its own method only, and to small bodies", async () => {
    expect((await fetch(`${gateway.url}/auth/sign-in/email`)).status).toBe(405);
    expect((await postJson(`${gateway.url}/auth/token`, {})).status).toBe(405);
    expect((await postJson(`${gateway.url}/auth/sign-in/email`, { email: "x".repeat(20_000) })).status).toBe(413);
  });
});

test("demo accounts are made once, and seeding again resets their passwords and ends their sessions", async () => {
  const signIn = (email: string, password: string) =>
    postJson(`${gateway.url}/auth/sign-in/email`, { email, password });
  await seedAccounts(gateway.database.sql, {
    customerPassword: "first password",
    operatorPassword: "operator password",
  });
  await seedAccounts(gateway.database.sql, {
    customerPassword: "first password",
    operatorPassword: "operator password",
  });
  const operator = await signIn("operator@example.com", "operator password");
  const session = operator.headers.get("set-auth-token") ?? "";
  expect((await whoAmI(bearer(session))).caller).toMatchObject({ role: "operator", name: "Demo Operator" });
  const customer = await signIn("customer@example.com", "first password");
  await seedAccounts(gateway.database.sql, {
    customerPassword: "second password",
    operatorPassword: "operator password",
  });
  expect((await signIn("customer@example.com", "first password")).status).toBe(401);
  expect((await signIn("customer@example.com", "second password")).status).toBe(200);
  expect((await whoAmI(bearer(customer.headers.get("set-auth-token") ?? ""))).status).toBe(401);
  expect((await whoAmI(bearer(session))).status).toBe(200);
});

test("a database whose connections are cut, again and again, costs at most the calls in flight", async () => {
  const { session, jwt, email } = await signUp(gateway.url);
  const name = new URL(gateway.database.url).pathname.slice(1);
  for (let round = 0; round < 10; round++) {
    const calls = Array.from({ length: 8 }, () => whoAmI(bearer(session)));
    const routes = Array.from({ length: 4 }, () =>
      fetch(`${gateway.url}/auth/get-session`, { headers: bearer(session) }),
    );
    await gateway.database
      .sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name} and pid <> pg_backend_pid()`.catch(
      () => {},
    );
    for (const { status } of [...(await Promise.all(calls)), ...(await Promise.all(routes))])
      expect([200, 500, 503]).toContain(status);
    expect((await whoAmI(bearer(jwt))).status).toBe(200);
  }
  await eventually(async () => expect((await whoAmI(bearer(session))).caller?.email).toBe(email));
}, 30_000);

test("a database that hangs costs its callers the deadline, not for ever", async () => {
  const hanging = await startGateway({ ORDER_URL: order.url }, { accountsDeadlineMs: 2_000 });
  const { session, jwt } = await signUp(hanging.url);
  expect((await whoAmI(bearer(jwt), {}, hanging.url)).status).toBe(200);
  await hanging.database.sql.begin(async (tx) => {
    await tx`lock table session in access exclusive mode`;
    const { status, error } = await whoAmI(bearer(session), {}, hanging.url);
    expect([status, error?.data.reason]).toEqual([503, "dependency_unavailable"]);
    expect((await fetch(`${hanging.url}/auth/get-session`, { headers: bearer(session) })).status).toBe(503);
    expect((await whoAmI(bearer(jwt), {}, hanging.url)).status).toBe(200);
  });
  expect((await whoAmI(bearer(session), {}, hanging.url)).status).toBe(200);
  await hanging.close();
});
