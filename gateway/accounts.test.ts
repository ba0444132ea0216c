import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { seedAccounts } from "./seed.ts";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { postJson, publicUrl, signUp, startGateway, type TestGateway, trustedOrigin } from "./testing/start-gateway.ts";

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

type Answer = {
  result?: { data: { caller: { role: string; id: string; name: string; email: string } } };
  error?: { message: string; data: Record<string, unknown> };
};

async function whoAmI(headers: Record<string, string>, init: RequestInit = {}, url = gateway.url) {
  const response = await fetch(`${url}/trpc/order.whoAmI`, { ...init, headers });
  const body = (await response.json()) as Answer;
  return { status: response.status, caller: body.result?.data.caller, error: body.error };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

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

describe("credentials", () => {
  test("session token, session cookie and JWT speak for the same customer; none is nobody", async () => {
    const { email, session, cookie, jwt } = await signUp(gateway.url);
    for (const headers of [
      bearer(session),
      { cookie },
      bearer(jwt),
      { ...bearer(jwt), cookie: "better-auth.session_token=stale" },
    ]) {
      expect((await whoAmI(headers)).caller?.email).toBe(email);
    }
    expect((await whoAmI({})).caller?.role).toBe("nobody");
    expect((await whoAmI({ cookie: "theme=dark" })).caller?.role).toBe("nobody");
  });

  test("a session ends with sign-out", async () => {
    const { session, cookie } = await signUp(gateway.url);
    expect((await postJson(`${gateway.url}/auth/sign-out`, {}, bearer(session))).status).toBe(200);
    expect((await whoAmI(bearer(session))).status).toBe(401);
    expect((await whoAmI({ cookie })).status).toBe(401);
  });

  test.each([
    ["garbage", "garbage"],
    ["two parts", "a.b"],
    ["three parts", "a.b.c"],
    ["an empty token", ""],
    ["a very long one", `${"a".repeat(5_000)}.b.c`],
  ])("%s is refused", async (_name, token) => {
    const { status, error } = await whoAmI(bearer(token));
    expect([status, error?.data.code, error?.data.reason]).toEqual([401, "UNAUTHORIZED", "unauthenticated"]);
  });

  test.each(["Basic YTpi", "Bearer", "bearer a b", "Token x"])("%p is no bearer token", async (authorization) => {
    expect((await whoAmI({ authorization })).status).toBe(401);
  });

  test("an API key is refused with words, not taken for nobody", async () => {
    const { status, error } = await whoAmI({ "x-api-key": "k" });
    expect([status, error?.message]).toEqual([
      401,
      "API keys are not accepted: send a bearer token or a session cookie",
    ]);
  });
});

describe("tokens that are not ours", () => {
  const claims: JWTPayload = {
    sub: "u1",
    name: "Eve",
    email: "eve@example.com",
    role: "operator",
    iss: publicUrl,
    aud: publicUrl,
  };
  const inTenMinutes = () => Math.floor(Date.now() / 1000) + 600;

  /** Signs with the gateway's own key, so that only the changed claim can be what is refused. */
  async function ownToken(changes: JWTPayload): Promise<string> {
    const { token } = await gateway.context.auth.api.signJWT({
      body: { payload: { ...claims, exp: inTenMinutes(), ...changes } },
    });
    return token;
  }

  test("our own key and claims are accepted, or the rest would prove nothing", async () => {
    expect((await whoAmI(bearer(await ownToken({})))).caller?.role).toBe("operator");
  });

  test.each([
    ["expired", () => ({ exp: Math.floor(Date.now() / 1000) - 1 })],
    ["of another issuer", () => ({ iss: "http://evil.test" })],
    ["for another audience", () => ({ aud: "http://evil.test" })],
    ["with a role that people do not have", () => ({ role: "service" })],
    ["without a subject", () => ({ sub: "" })],
    ["not valid yet", () => ({ nbf: inTenMinutes() })],
  ])("a token %s is refused", async (_name, changes) => {
    expect((await whoAmI(bearer(await ownToken(changes())))).status).toBe(401);
  });

  test("a token that expires between two calls is refused at the second", async () => {
    const token = await ownToken({ exp: Math.floor(Date.now() / 1000) + 1 });
    expect((await whoAmI(bearer(token))).status).toBe(200);
    await eventually(async () => (await whoAmI(bearer(token))).status === 401);
  });

  test("a foreign key is refused, also under our key id", async () => {
    const [{ kid }] = await gateway.database.sql`select id as kid from jwks limit 1`;
    const { privateKey } = await generateKeyPair("EdDSA");
    for (const header of [{ alg: "EdDSA" }, { alg: "EdDSA", kid }, { alg: "EdDSA", kid: "other" }]) {
      const token = await new SignJWT(claims).setProtectedHeader(header).setExpirationTime("10m").sign(privateKey);
      expect((await whoAmI(bearer(token))).status).toBe(401);
    }
  });

  test("alg none, and our public key used as a secret, are refused", async () => {
    const { keys } = (await (await fetch(`${gateway.url}/auth/jwks`)).json()) as { keys: { kid: string; x: string }[] };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = part({ ...claims, exp: inTenMinutes() });
    expect((await whoAmI(bearer(`${part({ alg: "none", kid: keys[0]?.kid })}.${body}.`))).status).toBe(401);
    const secret = Buffer.from(keys[0]?.x ?? "", "base64url");
    const symmetric = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: keys[0]?.kid ?? "" })
      .setExpirationTime("10m")
      .sign(secret);
    expect((await whoAmI(bearer(symmetric))).status).toBe(401);
  });

  test("the key set shows no private part", async () => {
    const shown = await (await fetch(`${gateway.url}/auth/jwks`)).json();
    const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
    expect(Object.keys(await exportJWK(privateKey))).toContain("d");
    expect(JSON.stringify(shown)).not.toContain('"d"');
  });

  test("an internal token of ours is no token for the front door", async () => {
    const internal = await gateway.context.signer.sign(
      { role: "operator", id: "u1", name: "Eve", email: "e@example.com" },
      "orderflow",
    );
    expect((await whoAmI(bearer(internal))).status).toBe(401);
  });
});

describe("the session cookie and the page it is sent from", () => {
  test.each([
    ["GET", undefined, 200],
    ["GET", trustedOrigin, 200],
    ["GET", publicUrl, 200],
    ["GET", "http://evil.test", 403],
    ["GET", "null", 403],
    ["POST", trustedOrigin, 200],
    ["POST", publicUrl, 200],
    ["POST", undefined, 403],
    ["POST", "http://evil.test", 403],
    ["POST", "http://shop.test.evil.test", 403],
  ])("%s from %p answers %p", async (method, origin, expected) => {
    const { cookie } = await signUp(gateway.url);
    const headers = { cookie, "content-type": "application/json", ...(origin && { origin }) };
    const path = method === "GET" ? "order.whoAmI" : "order.place";
    const response = await fetch(`${gateway.url}/trpc/${path}`, {
      method,
      headers,
      ...(method === "POST" && { body: '{"sku":"mug"}' }),
    });
    expect(response.status).toBe(expected);
  });

  test("accounts refuse a cookie from a page that is not ours", async () => {
    const { cookie } = await signUp(gateway.url);
    const signOut = (origin: string) => postJson(`${gateway.url}/auth/sign-out`, {}, { cookie, origin });
    expect((await signOut("http://evil.test")).status).toBe(403);
    expect((await signOut(trustedOrigin)).status).toBe(200);
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
  for (let round = 0; round < 20; round++) {
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
});
