import { type Caller, nobody } from "@orderflow/common/auth/caller";
import { isFault } from "@orderflow/common/database/sql-error";
import { Unavailable } from "@orderflow/common/errors";
import { TRPCError } from "@trpc/server";
import { z } from "zod";
import type { ApiKeyVerifier, KeyCaller } from "./verify-api-key.ts";
import type { JwtVerifier } from "./verify-jwt.ts";

/** Who calls. One who came with an API key may do less than its owner. */
export type AnyCaller = Caller & { apiKey?: KeyCaller["apiKey"] };
export type CallerResolver = (request: Pick<Request, "headers" | "method">) => Promise<AnyCaller>;

export type SessionReader = (credentials: Headers) => Promise<unknown>;

type Options = {
  jwts: JwtVerifier;
  apiKeys: Pick<ApiKeyVerifier, "verify">;
  /** Gives the session with its user, or null. */
  readSession: SessionReader;
  /** Origins whose pages may use the session cookie. */
  origins: ReadonlySet<string>;
};

const Session = z.object({
  user: z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.enum(["customer", "operator"]) }),
});
const bearerToken = /^Bearer +([\w.~+/%=-]+) *$/i;
const jwtShape = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const sessionCookie = /(?:^|; *)(?:__Secure-)?better-auth\.session_token=/;

/**
 * Who sends a request: by API key, else by bearer token (JWT or session token), else by session cookie, else nobody.
 * Credentials that are not good are refused with a TRPCError UNAUTHORIZED: a customer whose token expired must learn it.
 */
export function createCallerResolver({ jwts, apiKeys, readSession, origins }: Options): CallerResolver {
  async function bySession(name: "authorization" | "cookie", value: string): Promise<Caller> {
    const session = Session.safeParse(await readSession(new Headers({ [name]: value })));
    if (!session.success) throw unauthorized("The session is not valid or has ended");
    return session.data.user;
  }

  async function byBearer(authorization: string): Promise<Caller> {
    const token = bearerToken.exec(authorization)?.[1];
    if (token === undefined) throw unauthorized("The authorization header is not `Bearer <token>`");
    if (!jwtShape.test(token)) return bySession("authorization", `Bearer ${token}`);
    const caller = await jwts.verify(token);
    if (!caller) throw unauthorized("The token is not valid or has expired");
    return caller;
  }

  async function byApiKey(key: string): Promise<AnyCaller> {
    const caller = await apiKeys.verify(key);
    if (!caller) throw unauthorized("The API key is not valid, has expired or was revoked");
    return caller;
  }

  return async ({ headers, method }) => {
    const apiKey = headers.get("x-api-key");
    const authorization = headers.get("authorization");
    const cookie = headers.get("cookie");
    try {
      if (apiKey !== null) return await byApiKey(apiKey);
      if (authorization !== null) return await byBearer(authorization);
      if (cookie === null || !sessionCookie.test(cookie)) return nobody;
      requireOwnPage(headers.get("origin"), method, origins);
      return await bySession("cookie", cookie);
    } catch (error) {
      if (!isFault(error)) throw error;
      throw new Unavailable("dependency_unavailable", "Accounts are not reachable", { retryAfterS: 1, cause: error });
    }
  };
}

/** A browser sends the cookie for any page: a page that is not ours must not act with it. */
function requireOwnPage(origin: string | null, method: string, origins: ReadonlySet<string>): void {
  if (origin === null && method === "GET") return;
  if (origin !== null && origins.has(origin)) return;
  throw new TRPCError({
    code: "FORBIDDEN",
    message: "A session cookie is accepted from pages of trusted origins only",
  });
}

function unauthorized(message: string): TRPCError {
  return new TRPCError({ code: "UNAUTHORIZED", message });
}
