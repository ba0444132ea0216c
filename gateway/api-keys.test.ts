import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { openStandIn, type StandIn } from "./testing/stand-in-services.ts";
import { postJson, signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";

setDefaultTimeout(20_000);

let order: StandIn;
let inventory: StandIn;
let gateway: TestGateway;

beforeAll(async () => {
  [order, inventory] = await Promise.all([openStandIn("order"), openStandIn("inventory")]);
  gateway = await startGateway({ ORDER_URL: order.url, INVENTORY_URL: inventory.url });
});

afterAll(async () => {
  await gateway.close();
  await Promise.all([order.close(), inventory.close()]);
});

type Key = { id: string; prefix: string; scopes: string[]; lastUsedAt: string | null; revokedAt: string | null };
type Answer = {
  result?: { data: { apiKey: Key; key: string | null; items: Key[]; caller: { email: string; role: string } } };
  error?: { message: string; data: Record<string, unknown> };
};

async function call(path: string, { headers = {}, input }: { headers?: Record<string, string>; input?: unknown } = {}) {
  const isQuery = input === undefined;
  const url = `${gateway.url}/trpc/${path}`;
  const response = isQuery ? await fetch(url, { headers }) : await postJson(url, input, headers);
  const body = (await response.json()) as Answer;
  return { status: response.status, data: body.result?.data, error: body.error };
}

async function somebody() {
  const { jwt, email } = await signUp(gateway.url);
  return { email, headers: { authorization: `Bearer ${jwt}` } };
}

async function makeKey(headers: Record<string, string>, scopes: string[], fields: Record<string, unknown> = {}) {
  const input = { idempotencyKey: crypto.randomUUID(), name: "scanner", scopes, ...fields };
  const { data, error, status } = await call("account.apiKeys.create", { headers, input });
  return { status, error, apiKey: data?.apiKey, key: data?.key ?? "", input };
}

const withKey = (key: string) => ({ "x-api-key": key });

describe("an API key", () => {
  test("speaks for its maker, is listed without its secret, and is stored as a digest alone", async () => {
    const { headers, email } = await somebody();
    const { key, apiKey } = await makeKey(headers, ["order:read", "order:write", "order:read"]);
    expect(key).toStartWith(`${apiKey?.prefix}_`);
    expect((await call("order.whoAmI", { headers: withKey(key) })).data?.caller).toMatchObject({
      email,
      role: "customer",
    });
    expect((await call("order.place", { headers: withKey(key), input: { sku: "mug" } })).status).toBe(200);
    const { data } = await call("account.apiKeys.list", { headers });
    expect(data?.items.map(({ id, scopes }) => ({ id, scopes }))).toEqual([
      { id: apiKey?.id ?? "", scopes: ["order:read", "order:write"] },
    ]);
    const stored = JSON.stringify([...(await gateway.database.sql`select * from api_key`)]);
    expect(stored + JSON.stringify(data)).not.toContain(key.slice(-20));
  });

  test("counts before any other credential, and reaches no service", async () => {
    const { headers, email } = await somebody();
    const other = await somebody();
    const { key } = await makeKey(headers, ["order:read"]);
    order.requests.length = 0;
    const { data } = await call("order.whoAmI", { headers: { ...other.headers, ...withKey(key) } });
    expect(data?.caller.email).toBe(email);
    expect(order.requests[0]?.headers.has("x-api-key")).toBe(false);
  });

  test.each([
    ["order:read", "order.place", { sku: "mug" }, "order:write"],
    ["order:write", "order.whoAmI", undefined, "order:read"],
    ["inventory:read", "order.whoAmI", undefined, "order:read"],
    ["order:read", "account.me", undefined, "account:read"],
    ["account:read", "account.apiKeys.create", { idempotencyKey: crypto.randomUUID() }, "account:write"],
  ])("with %s is refused %s for want of a scope", async (scope, path, input, wanted) => {
    const { headers } = await somebody();
    const { key } = await makeKey(headers, [scope]);
    const { status, error } = await call(path, { headers: withKey(key), ...(input && { input }) });
    expect([status, error?.data.reason]).toEqual([403, "missing_scope"]);
    expect(error?.message).toContain(wanted);
  });

  test("may post a query with a scope to read", async () => {
    const { headers } = await somebody();
    const { key } = await makeKey(headers, ["order:read"]);
    expect((await call("order.echo", { headers: withKey(key), input: { text: "hi" } })).status).toBe(200);
  });

  test("carries no call of a batch beyond its scopes, so none of the batch", async () => {
    const { headers } = await somebody();
    const { key } = await makeKey(headers, ["order:read"]);
    order.requests.length = 0;
    const path = "order.whoAmI,inventory.echo?batch=1&input=%7B%221%22%3A%7B%22text%22%3A%22x%22%7D%7D";
    expect((await call(path, { headers: withKey(key) })).error?.data.reason).toBe("missing_scope");
    expect(order.requests).toEqual([]);
  });

  test("is worth nothing once it is revoked, here at once", async () => {
    const { headers } = await somebody();
    const { key, apiKey } = await makeKey(headers, ["order:read"]);
    expect((await call("order.whoAmI", { headers: withKey(key) })).status).toBe(200);
    const revoke = () => call("account.apiKeys.revoke", { headers, input: { apiKeyId: apiKey?.id } });
    expect((await revoke()).status).toBe(200);
    expect((await call("order.whoAmI", { headers: withKey(key) })).status).toBe(401);
    expect((await revoke()).status).toBe(200);
    const { data } = await call("account.apiKeys.list", { headers });
    expect(data?.items[0]?.revokedAt).not.toBeNull();
  });

  test("that another gateway revoked is refused within seconds", async () => {
    const { headers } = await somebody();
    const { key, apiKey } = await makeKey(headers, ["order:read"]);
    expect((await call("order.whoAmI", { headers: withKey(key) })).status).toBe(200);
    await gateway.database.sql`update api_key set revoked_at = now() where id = ${apiKey?.id}`;
    await eventually(async () => (await call("order.whoAmI", { headers: withKey(key) })).status === 401);
  });

  test("expires", async () => {
    const { headers } = await somebody();
    const { key, apiKey } = await makeKey(headers, ["order:read"], { expiresInDays: 1 });
    await gateway.database.sql`update api_key set expires_at = now() where id = ${apiKey?.id}`;
    expect((await call("order.whoAmI", { headers: withKey(key) })).status).toBe(401);
  });

  test("loses what its owner loses", async () => {
    const { headers, email } = await somebody();
    await gateway.database.sql`update "user" set role = 'operator' where email = ${email}`;
    const { key } = await makeKey(headers, ["order:read"]);
    expect((await call("order.whoAmI", { headers: withKey(key) })).data?.caller.role).toBe("operator");
    await gateway.database.sql`update "user" set role = 'customer' where email = ${email}`;
    await eventually(
      async () => (await call("order.whoAmI", { headers: withKey(key) })).data?.caller.role === "customer",
    );
    await gateway.database.sql`delete from "user" where email = ${email}`;
    await eventually(async () => (await call("order.whoAmI", { headers: withKey(key) })).status === 401);
  });

  test("notes its use, at most once a minute", async () => {
    const { headers } = await somebody();
    const { key, apiKey } = await makeKey(headers, ["order:read"]);
    const usedAt = async () => (await call("account.apiKeys.list", { headers })).data?.items[0]?.lastUsedAt;
    for (let use = 0; use < 3; use++) await call("order.whoAmI", { headers: withKey(key) });
    await eventually(async () => typeof (await usedAt()) === "string");
    const first = await usedAt();
    await gateway.database.sql`update api_key set name = 'renamed' where id = ${apiKey?.id}`;
    await Bun.sleep(2_100);
    await call("order.whoAmI", { headers: withKey(key) });
    expect(await usedAt()).toBe(first ?? "");
  });

  test.each(["wrong secret", "wrong prefix", "garbage"])("with a %s is refused", async (kind) => {
    const { headers } = await somebody();
    const { key } = await makeKey(headers, ["order:read"]);
    const wrong: Record<string, string> = {
      "wrong secret": `${key.slice(0, -2)}${key.endsWith("AA") ? "BB" : "AA"}`,
      "wrong prefix": key.replace(/^ofk_./, (start) => (start === "ofk_A" ? "ofk_B" : "ofk_A")),
    };
    const { status, error } = await call("order.whoAmI", { headers: withKey(wrong[kind] ?? "garbage") });
    expect([status, error?.data.reason]).toEqual([401, "unauthenticated"]);
  });
});

describe("making a key", () => {
  test("again with the same request shows the key no second time, and another request under its key is refused", async () => {
    const { headers } = await somebody();
    const { input, apiKey } = await makeKey(headers, ["order:read"]);
    const again = await call("account.apiKeys.create", { headers, input });
    expect([again.data?.apiKey.id, again.data?.key]).toEqual([apiKey?.id ?? "", null]);
    const other = await call("account.apiKeys.create", { headers, input: { ...input, name: "other" } });
    expect(other.error?.data.reason).toBe("idempotency_key_reused");
  });

  test("is refused past 20 usable ones, also when they are made at once", async () => {
    const { headers } = await somebody();
    const made = await Promise.all(Array.from({ length: 25 }, () => makeKey(headers, ["order:read"])));
    expect(made.filter(({ status }) => status === 200).length).toBe(20);
    expect(made.find(({ status }) => status !== 200)?.error?.data.reason).toBe("api_key_limit_reached");
  });

  test.each([
    { scopes: [] },
    { scopes: ["order:*"] },
    { scopes: ["account:write"] },
    { name: "" },
    { expiresInDays: 0 },
    { expiresInDays: 367 },
  ])("with %p is refused", async (fields) => {
    const { headers } = await somebody();
    expect((await makeKey(headers, ["order:read"], fields)).status).toBe(400);
  });

  test("is for those who are signed in, and others' keys are nobody else's to see or revoke", async () => {
    expect((await makeKey({}, ["order:read"])).status).toBe(401);
    const { headers } = await somebody();
    const { apiKey } = await makeKey(headers, ["order:read"]);
    const other = await somebody();
    expect((await call("account.apiKeys.list", { headers: other.headers })).data?.items).toEqual([]);
    const input = { apiKeyId: apiKey?.id };
    const revoked = await call("account.apiKeys.revoke", { headers: other.headers, input });
    expect([revoked.status, revoked.error?.data.reason, revoked.error?.data.path]).toEqual([
      404,
      "api_key_not_found",
      "account.apiKeys.revoke",
    ]);
  });
});
