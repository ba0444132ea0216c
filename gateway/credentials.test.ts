import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { postJson, publicUrl, signUp, startGateway, type TestGateway, trustedOrigin } from "./testing/start-gateway.ts";
import { bearer, whoAmI as seenBy } from "./testing/who-am-i.ts";

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

  test("what the database holds of a session opens nothing, at calls and at accounts, until it is signed", async () => {
    const { email, session } = await signUp(gateway.url);
    const [{ token }] = await gateway.database.sql`
      select token from session where user_id = (select id from "user" where email = ${email})`;
    const tokenRoute = async (credentials: Record<string, string>) =>
      (await fetch(`${gateway.url}/auth/token`, { headers: credentials })).status;
    expect(session).toStartWith(`${token}.`);
    expect([(await whoAmI(bearer(session))).status, await tokenRoute(bearer(session))]).toEqual([200, 200]);
    for (const stolen of [bearer(token), { cookie: `better-auth.session_token=${token}` }])
      expect([(await whoAmI(stolen)).status, await tokenRoute(stolen)]).toEqual([401, 401]);
    expect((await postJson(`${gateway.url}/auth/sign-out`, {}, bearer(token))).status).toBe(200);
    expect((await whoAmI(bearer(session))).status).toBe(200);
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

  test("an API key that is none is refused with words, not taken for nobody", async () => {
    const { status, error } = await whoAmI({ "x-api-key": "k" });
    expect([status, error?.message]).toEqual([401, "The API key is not valid, has expired or was revoked"]);
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
    // One second from now may begin this very moment.
    const token = await ownToken({ exp: Math.floor(Date.now() / 1000) + 2 });
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
