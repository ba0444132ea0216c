import type { Fetch } from "./fetch.ts";
import { errorOfStatus, networkError, OrderflowError, retryAfterS } from "./orderflow-error.ts";
import { repeat } from "./repeat.ts";

export type SignIn = { email: string; password: string };
export type SignUp = SignIn & { name: string };

export type Session = {
  /**
   * Makes an account and signs in, which are two calls: the first does not tell whether the address was free. Rejects with
   * `invalid_input` when the shop does not take the name or the password, and with `invalid_credentials` when the address has an
   * account with another password.
   */
  signUp(account: SignUp): Promise<void>;
  /** Rejects with `invalid_credentials`, or `rate_limited` after too many tries. */
  signIn(credentials: SignIn): Promise<void>;
  /** Ends the session at the server too. Signed out here in any case. */
  signOut(): Promise<void>;
  /** To be kept, if the application wants to, and given to `createClient` another time. As secret as a password. */
  readonly token: string | undefined;
};

/** A JWT and how long, in milliseconds from now, it is good for. */
export type Token = { jwt: string; lifetimeMs: number };

export type Accounts = {
  /** The new session's token; undefined when it came as a cookie. */
  signUp(account: SignUp): Promise<string | undefined>;
  signIn(credentials: SignIn): Promise<string | undefined>;
  signOut(session: string | undefined): Promise<void>;
  /** Rejects with `unauthenticated` when the session has ended. */
  token(session: string): Promise<Token>;
};

type Options = { url: string; fetch: Fetch; timeoutMs: number };

/** The gateway's `/auth` routes. Their answers are `{ code, message }`, unlike those of calls. */
export function createAccounts({ url, fetch, timeoutMs }: Options): Accounts {
  /** What `read` makes of the answer, whose body is as much part of the try as its head. */
  async function ask<T>(path: string, init: RequestInit, read: (answer: Response) => T | Promise<T>): Promise<T> {
    return await repeat(
      async (signal) => {
        const answer = await fetch(url + path, { ...init, signal }).catch((cause: unknown) => {
          throw networkError(cause, path);
        });
        if (!answer.ok) throw await refusalOf(answer, path);
        return await read(answer);
      },
      { path, isSafe: true, timeoutMs },
    );
  }

  async function open(path: string, account: SignIn): Promise<string | undefined> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(account) };
    return await ask(path, init, (answer) => answer.headers.get("set-auth-token") ?? undefined);
  }

  return {
    signUp: (account) => open("/auth/sign-up/email", account),
    signIn: (credentials) => open("/auth/sign-in/email", credentials),
    async signOut(session) {
      const headers = { "content-type": "application/json", ...bearer(session) };
      await ask("/auth/sign-out", { method: "POST", headers, body: "{}" }, () => undefined);
    },
    async token(session) {
      return await ask("/auth/token", { headers: bearer(session) }, tokenOf);
    },
  };
}

function bearer(session: string | undefined): Record<string, string> {
  return session === undefined ? {} : { authorization: `Bearer ${session}` };
}

async function tokenOf(answer: Response): Promise<Token> {
  const path = "/auth/token";
  const text = await answer.text().catch((cause: unknown) => {
    throw networkError(cause, path);
  });
  const body = parsed(text);
  if (typeof body === "object" && body !== null && "token" in body && typeof body.token === "string")
    return { jwt: body.token, lifetimeMs: lifetimeOf(body.token) };
  throw new OrderflowError("The answer holds no token", { reason: "unreadable_answer", path });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

async function refusalOf(answer: Response, path: string): Promise<OrderflowError> {
  const { status, headers } = answer;
  const body: unknown = await answer.json().catch(() => undefined);
  if (typeof body !== "object" || body === null || !("message" in body)) return errorOfStatus(answer, path);
  const { reason: byStatus } = errorOfStatus(answer, path);
  const isSignIn = path === "/auth/sign-in/email" && status === 401;
  const reason = isSignIn ? "invalid_credentials" : status === 400 || status === 422 ? "invalid_input" : byStatus;
  const detail = { reason, httpStatus: status, path, retryAfterS: retryAfterS(headers) } as const;
  return new OrderflowError(String(body.message), detail);
}

const lifetimeWhenUnreadableMs = 60_000;

/** From its own two instants, so that a wrong clock here does not matter. */
function lifetimeOf(jwt: string): number {
  try {
    const payload = (jwt.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { exp, iat }: { exp?: number; iat?: number } = JSON.parse(atob(payload));
    if (exp !== undefined && iat !== undefined) return (exp - iat) * 1_000;
  } catch {
    // The server reads its own tokens; for us they may be opaque.
  }
  return lifetimeWhenUnreadableMs;
}
