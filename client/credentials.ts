import type { Accounts, Session } from "./accounts.ts";
import { isOrderflowError } from "./orderflow-error.ts";
import { maxTryMs, once } from "./repeat.ts";

/** How the shop knows who calls. Without one, call `session.signIn` before the first call that needs it. */
export type Authentication =
  /** The `session.token` of an earlier client. */
  | { session: string }
  | { apiKey: string }
  /** A JWT of an issuer that the gateway trusts. Asked for at each call, and once more, told so, when that was refused. */
  | { bearer: Bearer }
  /** The browser's own session cookie, for pages of the gateway's trusted origins. */
  | { cookies: true };

type Bearer = (isRefused: boolean) => string | Promise<string>;
type Headers = Record<string, string>;

export type Credentials = {
  session: Session;
  /** What says who calls. Takes a new token first when the old one is about to end. */
  headers(): Promise<Headers>;
  /** After these were refused: others, if there are any to be had. */
  renew(refused: Headers): Promise<Headers | undefined>;
};

type Options = {
  authentication: Authentication | undefined;
  accounts: Accounts;
  onSignedOut: () => void;
  timeoutMs: number;
};

/** A token is renewed when this part of its life is over, so that none ends on its way. */
const usedPart = 0.8;

export function createCredentials({ authentication, accounts, onSignedOut, timeoutMs }: Options): Credentials {
  const tokens = createTokens({ accounts, onSignedOut });
  if (authentication && "session" in authentication) tokens.begin(authentication.session);
  const given = authentication && !("session" in authentication) ? authentication : undefined;
  const isCookie = given !== undefined && "cookies" in given;
  // The browser keeps the session where no script can read it: a copy here would undo that.
  const begin = (token: string | undefined) => tokens.begin(isCookie ? undefined : token);
  const session: Session = {
    async signUp(account) {
      begin((await accounts.signUp(account)) ?? (await accounts.signIn(account)));
    },
    async signIn(credentials) {
      begin(await accounts.signIn(credentials));
    },
    async signOut() {
      const { session: ended } = tokens;
      tokens.begin(undefined);
      await accounts.signOut(ended);
    },
    get token() {
      return tokens.session;
    },
  };
  /** By what was refused. One renewal is for all calls that were refused with it, and for no other caller's. */
  const renewing = new Map<string | undefined, Promise<Headers>>();
  const renewBearer = (bearer: Bearer, refused: string | undefined): Promise<Headers> => {
    const known = renewing.get(refused);
    if (known) return known;
    // One that never ends would keep all that share it waiting, also those who come later.
    const limit = { path: "authentication.bearer", timeoutMs: Math.min(timeoutMs, maxTryMs), signal: undefined };
    const asking = once(async () => ({ authorization: `Bearer ${await bearer(true)}` }), limit);
    renewing.set(refused, asking);
    const forget = () => renewing.delete(refused);
    asking.then(forget, forget);
    return asking;
  };
  return {
    session,
    async headers() {
      if (given === undefined) return await tokens.headers();
      if ("apiKey" in given) return { "x-api-key": given.apiKey };
      if ("cookies" in given) return {};
      const authorization = `Bearer ${await given.bearer(false)}`;
      return (await renewing.get(authorization)) ?? { authorization };
    },
    async renew(refused) {
      if (given === undefined) return await tokens.renew(refused);
      return "bearer" in given ? await renewBearer(given.bearer, refused.authorization) : undefined;
    },
  };
}

type Held = { headers: Headers; renewAt: number };

/** One session and its current JWT. However many calls need a new one, it is asked for once. */
function createTokens({ accounts, onSignedOut }: Pick<Options, "accounts" | "onSignedOut">) {
  let session: string | undefined;
  let held: Held | undefined;
  let asking: Promise<Held> | undefined;

  async function ask(of: string): Promise<Held> {
    try {
      const { jwt, lifetimeMs } = await accounts.token(of);
      const taken = { headers: { authorization: `Bearer ${jwt}` }, renewAt: Date.now() + lifetimeMs * usedPart };
      if (session === of) held = taken;
      return taken;
    } catch (error) {
      if (session === of && isOrderflowError(error) && error.reason === "unauthenticated") {
        begin(undefined);
        onSignedOut();
      }
      throw error;
    }
  }

  function begin(next: string | undefined): void {
    session = next;
    held = undefined;
    asking = undefined;
  }

  async function headers(): Promise<Headers> {
    if (session === undefined) return {};
    if (held && Date.now() < held.renewAt) return held.headers;
    asking ??= ask(session);
    const mine = asking;
    try {
      return (await mine).headers;
    } finally {
      if (asking === mine) asking = undefined;
    }
  }

  return {
    begin,
    headers,
    get session() {
      return session;
    },
    async renew(refused: Headers): Promise<Headers | undefined> {
      if (session === undefined) return undefined;
      if (held?.headers === refused || held?.headers.authorization === refused.authorization) held = undefined;
      return await headers();
    },
  };
}
