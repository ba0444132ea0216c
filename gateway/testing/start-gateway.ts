import type { OpenDoor } from "@orderflow/common/http/open-app";
import type { ComposeRouters } from "@orderflow/common/trpc/compose";
import { createTestDatabase, type TestDatabase } from "@orderflow/tools/testing/test-database";
import { testEnvironment } from "@orderflow/tools/testing/test-environment";
import { openApi } from "../api.ts";
import { readGatewayConfig } from "../config.ts";
import { type Context, createContext } from "../context.ts";
import type { inventoryRouter, orderRouter } from "./stand-in-services.ts";

export type StandInRouter = ComposeRouters<{ order: typeof orderRouter; inventory: typeof inventoryRouter }>;

export type TestGateway = {
  url: string;
  context: Context;
  database: TestDatabase;
  door: OpenDoor;
  close(): Promise<void>;
};

/** The origin the gateway believes to be its own, and one that it trusts. */
export const publicUrl = "http://gateway.test";
export const trustedOrigin = "http://shop.test";
/** On this port nothing listens. */
export const deadUrl = "http://127.0.0.1:9";

/** A gateway on a port and a database of its own, or on that of another. `settings` are environment variables over the test's. */
export async function startGateway(
  settings: Record<string, string> = {},
  times: Parameters<typeof createContext>[1] = {},
  shared?: TestDatabase,
): Promise<TestGateway> {
  const database = shared ?? (await createTestDatabase({ service: "gateway" }));
  const config = readGatewayConfig({
    ...(await testEnvironment({ service: "gateway", databaseUrl: database.url })),
    INSTANCE: "gateway-test",
    AUTH_SECRET: "ein-geheimnis-7f3a9c2e5b8d1f4a6c0e9b",
    PUBLIC_URL: publicUrl,
    TRUSTED_ORIGINS: trustedOrigin,
    AUTH_RATE_LIMIT_MAX: "0",
    ORDER_URL: deadUrl,
    INVENTORY_URL: deadUrl,
    NOTIFY_URL: deadUrl,
    WORKER_URL: deadUrl,
    ...settings,
  });
  const context = await createContext(config, times);
  const door = await openApi(context);
  return {
    url: door.url,
    context,
    database,
    door,
    async close() {
      await door.close();
      await context.close();
      if (!shared) await database.drop();
    },
  };
}

/** Signs up a new customer, signs him in, and gives the credentials of all three kinds. */
export async function signUp(url: string, fields: Record<string, unknown> = {}) {
  const email = `${crypto.randomUUID()}@example.com`;
  const body = { email, password: "correct horse", name: "Ann Example", ...fields };
  const signedUp = await postJson(`${url}/auth/sign-up/email`, body);
  const response = await postJson(`${url}/auth/sign-in/email`, { email: body.email, password: body.password });
  const session = response.headers.get("set-auth-token") ?? "";
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  const token = await fetch(`${url}/auth/token`, { headers: { authorization: `Bearer ${session}` } });
  const { token: jwt } = (await token.json()) as { token: string };
  return { signedUp, email, session, cookie, jwt };
}

export function postJson(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}
