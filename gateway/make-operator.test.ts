import { afterAll, beforeAll, expect, test } from "bun:test";
import { makeOperator } from "./make-operator.ts";
import { postJson, signUp, startGateway, type TestGateway } from "./testing/start-gateway.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({});
});
afterAll(() => gateway.close());

async function signIn(email: string, password: string) {
  const answer = await postJson(`${gateway.url}/auth/sign-in/email`, { email, password });
  return { status: answer.status, user: ((await answer.json()) as { user?: { role: string; name: string } }).user };
}

test("an operator's account is made with a password that is told once, and can sign in", async () => {
  const email = `${crypto.randomUUID()}@example.com`;
  const password = await makeOperator(gateway.database.sql, { email, name: "Ann" });
  expect(password).toMatch(/^[\w-]{24}$/);
  expect(await makeOperator(gateway.database.sql, { email, name: "Ann" })).toBeUndefined();
  expect(await signIn(email, password ?? "")).toMatchObject({ status: 200, user: { name: "Ann" } });
  expect(await roleOf(email)).toBe("operator");
});

test("a customer becomes an operator under the password that he has", async () => {
  const { email } = await signUp(gateway.url);
  expect(await roleOf(email)).toBe("customer");
  expect(await makeOperator(gateway.database.sql, { email, name: "Other" })).toBeUndefined();
  expect(await roleOf(email)).toBe("operator");
  expect((await signIn(email, "correct horse")).status).toBe(200);
});

test.each([[["nobody"]], [[]], [["a@example.com", "Ann", "more"]]])("as a command it refuses %j", async (words) => {
  const child = Bun.spawn([process.execPath, "make-operator.ts", ...words], {
    cwd: import.meta.dir,
    env: { ...process.env, GATEWAY_DATABASE_URL: gateway.database.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(await child.exited).toBe(78);
  expect(await new Response(child.stderr).text()).toContain("Usage: bun gateway/make-operator.ts EMAIL [NAME]");
});

test("as a command it says the password, and works with the database's setting alone", async () => {
  const email = `${crypto.randomUUID()}@Example.com`;
  const child = Bun.spawn([process.execPath, "make-operator.ts", email], {
    cwd: import.meta.dir,
    env: { GATEWAY_DATABASE_URL: gateway.database.url },
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(await new Response(child.stdout).text()).toMatch(/^Made [\w-]+@example\.com with the password [\w-]{24}\n$/);
  expect(await child.exited).toBe(0);
  expect(await roleOf(email.toLowerCase())).toBe("operator");
});

async function roleOf(email: string): Promise<string> {
  const [row] = await gateway.database.sql`select role from "user" where email = ${email}`;
  return row.role;
}
