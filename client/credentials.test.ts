import { expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { createClient } from "./main.ts";
import { aJwt, data, openFakeGateway, refusal } from "./testing/fake-gateway.ts";

type Shop = { lifetimeS?: number; isOver?: boolean; refused?: Set<string> };

/** A gateway that signs anybody in, and refuses the tokens it is told to. */
function openShop(shop: Shop = {}) {
  const issued: string[] = [];
  const gateway = openFakeGateway(({ path, headers }) => {
    if (path === "/auth/sign-in/email") return { headers: { "set-auth-token": "session-1" }, body: {} };
    if (path === "/auth/sign-out") return { body: {} };
    if (path === "/auth/token") {
      if (shop.isOver) return { status: 401, body: { code: "UNAUTHORIZED", message: "No session" } };
      issued.push(aJwt(shop.lifetimeS ?? 900));
      return { body: { token: issued.at(-1) } };
    }
    const jwt = headers.get("authorization")?.slice("Bearer ".length);
    if (jwt === undefined || shop.refused?.has(jwt)) return refusal(401, { reason: "unauthenticated" });
    return { body: path.split(",").map(() => ({ result: { data: headers.get("authorization") } })) };
  });
  return Object.assign(gateway, {
    issued,
    count: (path: string) => gateway.asked.filter((one) => one.path === path).length,
  });
}

const anyone = { email: "a@example.com", password: "correct horse" };

test("who signs in calls with a token that many calls share", async () => {
  using shop = openShop();
  const client = createClient({ url: shop.url });
  await client.session.signIn(anyone);
  expect(client.session.token).toBe("session-1");
  const calls = Array.from({ length: 10 }, () => client.account.me.query());
  expect(await Promise.all(calls)).toEqual(calls.map(() => `Bearer ${shop.issued[0]}`) as never);
  await client.account.me.query();
  expect(shop.count("/auth/token")).toBe(1);
});

test("a token is renewed before it ends", async () => {
  using shop = openShop({ lifetimeS: 0 });
  const client = createClient({ url: shop.url, authentication: { session: "kept" } });
  await client.account.me.query();
  await client.account.me.query();
  expect(shop.count("/auth/token")).toBe(2);
});

test("a token that is refused is renewed once, for all calls that it was refused for", async () => {
  const refused = new Set<string>();
  using shop = openShop({ refused });
  const client = createClient({ url: shop.url, authentication: { session: "kept" } });
  await client.account.me.query();
  refused.add(shop.issued[0] ?? "");
  await Promise.all([client.account.me.query(), client.account.sessions.list.query()]);
  expect(shop.count("/auth/token")).toBe(2);
  refused.add(shop.issued[1] ?? "").add(aJwt(1));
});

test("who is refused with a new token too is told so, without asking for ever", async () => {
  using shop = openShop({ refused: { has: () => true } as never });
  const client = createClient({ url: shop.url, authentication: { session: "kept" } });
  await expect(client.account.me.query()).rejects.toMatchObject({ reason: "unauthenticated" });
  expect(shop.count("/auth/token")).toBe(2);
});

test("a session that has ended is told to the application, and forgotten", async () => {
  using shop = openShop({ isOver: true });
  let isSignedOut = false;
  const onSignedOut = () => {
    isSignedOut = true;
  };
  const client = createClient({ url: shop.url, authentication: { session: "kept" }, onSignedOut });
  await expect(client.account.me.query()).rejects.toMatchObject({ reason: "unauthenticated" });
  expect([isSignedOut, client.session.token]).toEqual([true, undefined]);
});

test("who signs out is nobody, and his session is ended at the shop", async () => {
  using shop = openShop();
  const client = createClient({ url: shop.url });
  await client.session.signIn(anyone);
  await client.session.signOut();
  expect(shop.asked.at(-1)?.headers.get("authorization")).toBe("Bearer session-1");
  await expect(client.account.me.query()).rejects.toMatchObject({ reason: "unauthenticated" });
});

test("a wrong password is no failing session", async () => {
  using shop = openFakeGateway(() => ({
    status: 401,
    body: { code: "INVALID", message: "Invalid email or password" },
  }));
  const { session } = createClient({ url: shop.url });
  await expect(session.signIn(anyone)).rejects.toMatchObject({ reason: "invalid_credentials", httpStatus: 401 });
});

test("a token of another issuer that is refused is asked for anew once, for all calls that it was refused for", async () => {
  using shop = openFakeGateway(({ path, headers }) =>
    headers.get("authorization") === "Bearer new"
      ? { body: path.split(",").map(() => ({ result: { data: "in" } })) }
      : {
          status: 401,
          body: path.split(",").map(() => (refusal(401, { reason: "unauthenticated" }).body as [unknown])[0]),
        },
  );
  const told: boolean[] = [];
  let token = "old";
  const renewed = Promise.withResolvers<void>();
  const bearer = async (isRefused: boolean) => {
    told.push(isRefused);
    if (!isRefused) return token;
    setTimeout(renewed.resolve);
    await renewed.promise;
    token = "new";
    return token;
  };
  const { account } = createClient({ url: shop.url, authentication: { bearer } });
  expect(await Promise.all([1, 2, 3].map(() => account.me.query()))).toEqual(["in", "in", "in"] as never);
  expect(told.filter(Boolean)).toHaveLength(1);
});

test("a renewal that never ends is given up, and asked for again", async () => {
  using shop = openFakeGateway(({ headers }) =>
    headers.get("authorization") === "Bearer new" ? data("in") : refusal(401, { reason: "unauthenticated" }),
  );
  let renewals = 0;
  const bearer = (isRefused: boolean) => {
    if (!isRefused) return "old";
    return ++renewals === 1 ? new Promise<never>(() => {}) : "new";
  };
  const { account } = createClient({ url: shop.url, authentication: { bearer }, timeoutMs: 200 });
  await expect(account.me.query()).rejects.toMatchObject({ reason: "timeout" });
  await eventually(async () => expect(await account.me.query()).toBe("in" as never), { timeoutMs: 3_000 });
});

test("a token whose answer is never whole is asked for again", async () => {
  let tokens = 0;
  using shop = openFakeGateway(({ path }) => {
    if (path !== "/auth/token") return data("in");
    if (++tokens > 1) return { body: { token: aJwt(900) } };
    const start = (controller: ReadableStreamDefaultController) =>
      controller.enqueue(new TextEncoder().encode('{"token": "'));
    return new Response(new ReadableStream({ start }), { headers: { "content-type": "application/json" } });
  });
  const client = createClient({ url: shop.url, authentication: { session: "session-1" }, timeoutMs: 300 });
  await eventually(async () => expect(await client.account.me.query()).toBe("in" as never), { timeoutMs: 3_000 });
  expect(tokens).toBe(2);
});

test("an API key goes with each call; a token of another issuer is asked for anew when it was refused", async () => {
  using shop = openFakeGateway(({ headers }) =>
    headers.get("x-api-key") === "ofk_1" || headers.get("authorization") === "Bearer new"
      ? data("in")
      : refusal(401, { reason: "unauthenticated" }),
  );
  const byKey = createClient({ url: shop.url, authentication: { apiKey: "ofk_1" } });
  expect(await byKey.account.me.query()).toBe("in" as never);
  const bearer = (isRefused: boolean) => (isRefused ? "new" : "old");
  expect(await createClient({ url: shop.url, authentication: { bearer } }).account.me.query()).toBe("in" as never);
  const wrong = createClient({ url: shop.url, authentication: { apiKey: "other" } });
  await expect(wrong.account.me.query()).rejects.toMatchObject({ reason: "unauthenticated" });
});
