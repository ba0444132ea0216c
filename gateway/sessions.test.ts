import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "@orderflow/tools/testing/eventually";
import { postJson, signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ PRUNE_INTERVAL_S: "1" });
});
afterAll(() => gateway.close());

type Session = { id: string; userAgent: string | null; ipAddress: string | null };
type Answer = { result?: { data: { items: Session[] } }; error?: { data: { reason: string } } };

async function list(token: string): Promise<Session[]> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = (await (await fetch(`${gateway.url}/trpc/account.sessions.list`, { headers })).json()) as Answer;
  return answer.result?.data.items ?? [];
}

async function revoke(token: string, sessionId: string | undefined) {
  const url = `${gateway.url}/trpc/account.sessions.revoke`;
  const response = await postJson(url, { sessionId }, { authorization: `Bearer ${token}` });
  return { status: response.status, reason: ((await response.json()) as Answer).error?.data.reason };
}

async function signIn(email: string): Promise<string> {
  const response = await postJson(
    `${gateway.url}/auth/sign-in/email`,
    { email, password: "correct horse" },
    { "user-agent": "phone" },
  );
  return response.headers.get("set-auth-token") ?? "";
}

test("sessions are listed without their tokens, and one that is revoked ends at once", async () => {
  const { email, session } = await signUp(gateway.url);
  const phone = await signIn(email);
  const listed = await list(session);
  expect(listed.map(({ userAgent }) => userAgent)).toContain("phone");
  expect(listed[0]?.ipAddress).toBe("127.0.0.1");
  expect(JSON.stringify(listed)).not.toContain(phone.split(".")[0] ?? "none");
  const lost = listed.find(({ userAgent }) => userAgent === "phone");
  expect((await revoke(session, lost?.id)).status).toBe(200);
  expect(await list(phone)).toEqual([]);
  expect((await list(session)).length).toBe(listed.length - 1);
  expect(await revoke(session, lost?.id)).toEqual({ status: 404, reason: "session_not_found" });
});

test("sessions that have expired are pruned while the door is open, and counted", async () => {
  const { email } = await signUp(gateway.url);
  const { sql } = gateway.database;
  const [ended] = await sql`
    update session set expires_at = now() - interval '1 second'
    where user_id = (select id from "user" where email = ${email}) returning id`;
  await eventually(async () => expect(await sql`select id from session where id = ${ended.id}`).toHaveLength(0));
  await eventually(async () => {
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/pruned_rows_total\{what="sessions".*\} 1/);
  });
});

test("another's sessions are nobody's business", async () => {
  const { session } = await signUp(gateway.url);
  const other = await signUp(gateway.url);
  const [own] = await list(session);
  expect(await revoke(other.session, own?.id)).toEqual({ status: 404, reason: "session_not_found" });
  expect((await list(session)).length).toBeGreaterThan(0);
});

test("a JWT outlives its session for at most 15 minutes", async () => {
  const { session, jwt } = await signUp(gateway.url);
  const [own] = await list(session);
  expect((await revoke(session, own?.id)).status).toBe(200);
  const me = await fetch(`${gateway.url}/trpc/account.me`, { headers: { authorization: `Bearer ${jwt}` } });
  expect(me.status).toBe(200);
  const { exp, iat } = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
  expect(exp - iat).toBe(900);
});

test("over TLS the cookie is sent over TLS alone, and browsers are told to stay with it", async () => {
  const secure = await startGateway({ PUBLIC_URL: "https://shop.example" });
  const account = { email: `${crypto.randomUUID()}@example.com`, password: "correct horse", name: "Ann" };
  await postJson(`${secure.url}/auth/sign-up/email`, account);
  const { headers } = await postJson(`${secure.url}/auth/sign-in/email`, account);
  expect(headers.get("set-cookie")).toStartWith("__Secure-better-auth.session_token=");
  for (const attribute of ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"])
    expect(headers.get("set-cookie")).toContain(attribute);
  expect(headers.get("strict-transport-security")).toBe("max-age=31536000");
  await secure.close();
});

test("whoever changes a password may end the other sessions with it, and must know the old one", async () => {
  const { email, session } = await signUp(gateway.url);
  const phone = await signIn(email);
  const change = (currentPassword: string, fields: Record<string, unknown> = {}) =>
    postJson(
      `${gateway.url}/auth/change-password`,
      { currentPassword, newPassword: "another horse", ...fields },
      { authorization: `Bearer ${session}` },
    );
  expect((await change("wrong horse")).status).toBe(400);
  expect((await list(phone)).length).toBeGreaterThan(0);
  expect((await change("correct horse")).status).toBe(200);
  expect((await list(phone)).length).toBeGreaterThan(0);
  expect((await change("another horse", { revokeOtherSessions: true })).status).toBe(200);
  expect(await list(phone)).toEqual([]);
});
