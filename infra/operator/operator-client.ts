import type { Environment } from "@orderflow/common/config/read-config";
import type { AppRouter } from "@orderflow/gateway/router";
import { createTRPCClient, httpLink, type TRPCClient } from "@trpc/client";
import { UsageError } from "../usage-error.ts";
import { settingOf } from "./setting-of.ts";

export type OperatorClient = TRPCClient<AppRouter>;

const timeoutMs = 15_000;

/** A client of the gateway, signed in as the operator that the environment names. */
export async function createOperatorClient(env: Environment): Promise<OperatorClient> {
  const { url, email, password } = operatorOf(env);
  const session = await ask(`${url}/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  const authorization = `Bearer ${session.headers.get("set-auth-token")}`;
  const answer = await ask(`${url}/auth/token`, { headers: { authorization } });
  const { token } = (await answer.json()) as { token: string };
  return createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${url}/trpc`, headers: { authorization: `Bearer ${token}` } })],
  });
}

function operatorOf(env: Environment): { url: string; email: string; password: string } {
  const url = settingOf("GATEWAY_URL", env);
  if (!url) throw new UsageError("Where is the gateway? Start the system with `bun run up` first, or set GATEWAY_URL.");
  const [email, password] = [settingOf("OPERATOR_EMAIL", env), settingOf("OPERATOR_PASSWORD", env)];
  if (!email || !password) throw new UsageError("Set OPERATOR_EMAIL and OPERATOR_PASSWORD to sign in.");
  return { url: url.replace(/\/$/, ""), email, password };
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) }).catch((error: unknown) => {
    throw new UsageError(`The gateway does not answer at ${url}: ${error instanceof Error ? error.message : error}`);
  });
  if (answer.ok) return answer;
  throw new UsageError(`Signing in was answered with ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
}
