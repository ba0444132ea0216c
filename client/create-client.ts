import { createAccounts, type Session } from "./accounts.ts";
import type { Api } from "./api.ts";
import { createCallProxy } from "./call-proxy.ts";
import { type Authentication, createCredentials } from "./credentials.ts";
import type { Fetch } from "./fetch.ts";
import { createFollow } from "./follow.ts";
import { createSendCall } from "./send-call.ts";

export type ClientOptions = {
  /** Of the gateway, such as `https://shop.example`. */
  url: string;
  authentication?: Authentication | undefined;
  /** For each call with all its tries; 30,000 unless told. A subscription's connection has 12,000 of them to be answered in. */
  timeoutMs?: number | undefined;
  /** The session ended elsewhere: somebody has to sign in again. */
  onSignedOut?: (() => void) | undefined;
  /** In the place of the platform's. */
  fetch?: Fetch | undefined;
};

/** The procedures by their names, and the session under which they are called. */
export type Client = Api & { session: Session };

const defaultTimeoutMs = 30_000;

/**
 * A client of the shop for browsers, Node 20+ and Bun. Calls made in the same tick travel together; queries and keyed
 * mutations are tried again while the shop is away; tokens are renewed before they end; subscriptions resume where they
 * broke off. Whatever fails does so with an `OrderflowError`.
 */
export function createClient(options: ClientOptions): Client {
  const { authentication, timeoutMs = defaultTimeoutMs, onSignedOut = () => undefined } = options;
  const url = options.url.replace(/\/+$/, "");
  const platform = options.fetch ?? ((address, init) => globalThis.fetch(address, init));
  const credentialsMode = authentication && "cookies" in authentication ? "include" : "omit";
  const fetch: Fetch = (address, init) => platform(address, { ...init, credentials: credentialsMode });
  const accounts = createAccounts({ url, fetch, timeoutMs });
  const credentials = createCredentials({ authentication, accounts, onSignedOut, timeoutMs });
  const sendCall = createSendCall({ url, fetch, credentials, timeoutMs });
  const follow = createFollow({ url, fetch, credentials, timeoutMs });
  return createCallProxy({ session: credentials.session, sendCall, follow });
}
