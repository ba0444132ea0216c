import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { generateKeyPair, SignJWT } from "jose";
import { OAuth2Server } from "oauth2-mock-server";
import { readGatewayConfig } from "./config.ts";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { deadUrl, postJson, publicUrl, startGateway, type TestGateway } from "./testing/start-gateway.ts";

setDefaultTimeout(20_000);

const audience = "orderflow-shop";
const issuer = new OAuth2Server();
let order: StandIn;
let gateway: TestGateway;

beforeAll(async () => {
  order = await openStandIn("order");
  await issuer.issuer.keys.generate("RS256");
  await issuer.start(0, "127.0.0.1");
  gateway = await startGateway({ ORDER_URL: order.url, OIDC_ISSUERS: JSON.stringify([trusting(url())]) });
});

afterAll(async () => {
  await gateway.close();
  await Promise.all([order.close(), issuer.stop()]);
});

/** The same server, which calls itself otherwise. */
const otherName = () =>
  url().includes("localhost") ? url().replace("localhost", "127.0.0.1") : url().replace("127.0.0.1", "localhost");
const url = () => issuer.issuer.url ?? "";
const trusting = (issuer: string) => ({
  issuer,
  audience,
  roleClaim: "realm_access.roles",
  roles: { "shop-admin": "operator", "shop-user": "customer" },
});

type Claims = Record<string, unknown>;
const nowS = () => Math.floor(Date.now() / 1000);
const claims = (): Claims => ({
  sub: "auth|4711",
  aud: audience,
  name: "Ada\r\nLovelace",
  email: "ada@example.com",
  realm_access: { roles: ["shop-user"] },
});

/** As the issuer makes them, with these claims over its own. */
function tokenWith(changes: Claims = {}, kid?: string): Promise<string> {
  return issuer.issuer.buildToken({
    ...(kid && { kid }),
    scopesOrTransform: (_header, payload) => {
      Object.assign(payload, claims(), changes);
      for (const [name, value] of Object.entries(payload)) if (value === undefined) delete payload[name];
    },
  });
}

type Answer = {
  result?: { data: { caller: { id: string; name: string; email: string; role: string } } };
  error?: { data: { reason: string } };
};

async function whoAmI(token: string, to = gateway) {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${to.url}/trpc/order.whoAmI`, { headers });
  const body = (await response.json()) as Answer;
  return { status: response.status, caller: body.result?.data.caller, reason: body.error?.data.reason };
}

describe("a token of a trusted issuer", () => {
  test("is believed, under an id of its own and with the role that its claims map to", async () => {
    const { caller } = await whoAmI(await tokenWith());
    expect(caller).toMatchObject({ name: "Ada  Lovelace", email: "ada@example.com", role: "customer" });
    expect(caller?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8/);
    const operator = await whoAmI(await tokenWith({ realm_access: { roles: ["shop-user", "shop-admin"] } }));
    expect(operator.caller).toMatchObject({ role: "operator", id: caller?.id });
  });

  test("with a name that is too long has it cut between two characters", async () => {
    const { caller } = await whoAmI(await tokenWith({ name: `${"x".repeat(99)}\u{1f600} and more` }));
    expect(caller?.name).toBe(`${"x".repeat(99)}\u{1f600}`);
  });

  test.each<[string, () => Claims]>([
    ["another audience", () => ({ aud: "somebody-else" })],
    ["an expiry that is past, more than the skew", () => ({ exp: nowS() - 31 })],
    ["a beginning that is to come, more than the skew", () => ({ nbf: nowS() + 31 })],
    ["no expiry", () => ({ exp: undefined })],
    ["no role that we know", () => ({ realm_access: { roles: ["guest"] } })],
    ["no roles", () => ({ realm_access: undefined })],
    ["no subject", () => ({ sub: undefined })],
    ["no e-mail", () => ({ email: undefined })],
    ["an e-mail that was not verified", () => ({ email_verified: false })],
    ["an issuer that is not trusted", () => ({ iss: "https://evil.example" })],
    ["our own issuer", () => ({ iss: publicUrl, aud: publicUrl, role: "operator" })],
  ])("with %s is refused", async (_name, changes) => {
    expect((await whoAmI(await tokenWith(changes()))).status).toBe(401);
  });

  test("is believed within the skew of the clocks", async () => {
    expect((await whoAmI(await tokenWith({ exp: nowS() - 5 }))).status).toBe(200);
    expect((await whoAmI(await tokenWith({ nbf: nowS() + 5 }))).status).toBe(200);
  });

  test("cannot have API keys: its account is not here", async () => {
    const input = { idempotencyKey: crypto.randomUUID(), name: "x", scopes: ["order:read"] };
    const headers = { authorization: `Bearer ${await tokenWith()}` };
    const response = await postJson(`${gateway.url}/trpc/account.apiKeys.create`, input, headers);
    expect([response.status, ((await response.json()) as Answer).error?.data.reason]).toEqual([
      403,
      "account_elsewhere",
    ]);
  });
});

describe("the issuer's keys", () => {
  test("are read again when a token names one that is new", async () => {
    expect((await whoAmI(await tokenWith())).status).toBe(200);
    const { kid } = await issuer.issuer.keys.generate("ES256");
    // The keys are not read oftener than every five seconds, or anybody could make us ask without end.
    await Bun.sleep(5_100);
    expect((await whoAmI(await tokenWith({}, kid))).status).toBe(200);
  });

  test("are the only ones that count", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const [known] = issuer.issuer.keys.toJSON();
    const forged = await new SignJWT({ ...claims(), iss: url() })
      .setProtectedHeader({ alg: "RS256", kid: known?.kid ?? "" })
      .setExpirationTime("5m")
      .sign(privateKey);
    expect((await whoAmI(forged)).status).toBe(401);
    const symmetric = await new SignJWT({ ...claims(), iss: url() })
      .setProtectedHeader({ alg: "HS256", kid: known?.kid ?? "" })
      .setExpirationTime("5m")
      .sign(new TextEncoder().encode(JSON.stringify(known)));
    expect((await whoAmI(symmetric)).status).toBe(401);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const unsigned = `${part({ alg: "none" })}.${part({ ...claims(), iss: url(), exp: nowS() + 300 })}.`;
    expect((await whoAmI(unsigned)).status).toBe(401);
  });

  test("of an algorithm that is not allowed do not count", async () => {
    const strict = await startGateway({
      ORDER_URL: order.url,
      OIDC_ISSUERS: JSON.stringify([{ ...trusting(url()), algorithms: ["EdDSA"] }]),
    });
    expect((await whoAmI(await tokenWith(), strict)).status).toBe(401);
    await strict.close();
  });

  test.each([
    ["that is away", () => deadUrl],
    ["whose document names another", otherName],
  ])("of an issuer %s are 503 for its own tokens, and nobody else's", async (_name, issuerUrl) => {
    const away = await startGateway({
      ORDER_URL: order.url,
      OIDC_ISSUERS: JSON.stringify([trusting(issuerUrl())]),
    });
    expect(await whoAmI(await tokenWith({ iss: issuerUrl() }), away)).toMatchObject({
      status: 503,
      reason: "dependency_unavailable",
    });
    expect((await whoAmI("a.b.c", away)).status).toBe(401);
    await away.close();
  });
});

test.each([
  "not json",
  "{}",
  '[{"issuer":"x","audience":"y"}]',
  '[{"issuer":"https://id.example"}]',
  '[{"issuer":"https://id.example","audience":"a","algorithms":["HS256"]}]',
  '[{"issuer":"https://id.example","audience":"a","algorithms":["none"]}]',
  '[{"issuer":"https://id.example","audience":"a","typo":1}]',
  '[{"issuer":"https://id.example","audience":"a"},{"issuer":"https://id.example","audience":"b"}]',
])("OIDC_ISSUERS=%s does not start", (setting) => {
  expect(() => readGatewayConfig({ OIDC_ISSUERS: setting })).toThrow("OIDC_ISSUERS");
});
