import { Unavailable } from "@orderflow/common/errors";
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";

export type OidcSettings = {
  /** Exactly as its tokens name it. */
  issuer: string;
  audience: string;
  algorithms: readonly string[];
  clockSkewS: number;
};

export type OidcIssuer = {
  /** The claims of a token of this issuer, or undefined when it is not to be believed. Throws Unavailable without keys. */
  verify(token: string, now: Date): Promise<JWTPayload | undefined>;
};

type KeySet = ReturnType<typeof createRemoteJWKSet>;

const timeoutMs = 5_000;
/** Looked at anew after an hour, or when it could not be read: but no oftener than every five seconds. */
const discoveryMs = 3_600_000;
const retryMs = 5_000;
const retryAfterS = 5;
const keysMaxAgeMs = 600_000;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/**
 * Another party that says who somebody is (OpenID Connect Discovery 1.0). Its keys are read when they are first needed
 * and again when a token names one that is not among them.
 */
export function createOidcIssuer(settings: OidcSettings): OidcIssuer {
  const { issuer, audience, clockSkewS } = settings;
  let found: { keys: Promise<KeySet>; atMs: number; hasFailed: boolean } | undefined;

  function findKeys(): Promise<KeySet> {
    const ageMs = found ? performance.now() - found.atMs : Number.POSITIVE_INFINITY;
    if (found && ageMs < (found.hasFailed ? retryMs : discoveryMs)) return found.keys;
    const finding = { keys: discover(issuer), atMs: performance.now(), hasFailed: false };
    found = finding;
    finding.keys.catch(() => {
      finding.hasFailed = true;
    });
    return finding.keys;
  }

  return {
    async verify(token, now) {
      try {
        const { payload } = await jwtVerify(token, await findKeys(), {
          algorithms: [...settings.algorithms],
          issuer,
          audience,
          clockTolerance: clockSkewS,
          currentDate: now,
          requiredClaims: ["exp", "sub"],
        });
        return payload;
      } catch (cause) {
        if (cause instanceof Unavailable) throw cause;
        if (isRefusal(cause)) return undefined;
        throw unavailable(issuer, cause);
      }
    },
  };
}

async function discover(issuer: string): Promise<KeySet> {
  try {
    const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: "error" });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    const { issuer: named, jwks_uri: keys } = Discovery.parse(await answer.json());
    if (named !== issuer) throw new Error(`${url} is of another issuer`);
    if (issuer.startsWith("https:") && !keys.startsWith("https:")) throw new Error("Its keys are not served by TLS");
    return createRemoteJWKSet(new URL(keys), {
      timeoutDuration: timeoutMs,
      cooldownDuration: retryMs,
      cacheMaxAge: keysMaxAgeMs,
    });
  } catch (cause) {
    throw unavailable(issuer, cause);
  }
}

/** The token's fault, and not that of the way to its keys. */
function isRefusal(cause: unknown): boolean {
  const areKeysAway =
    cause instanceof errors.JWKSTimeout || (cause instanceof errors.JOSEError && cause.code === "ERR_JOSE_GENERIC");
  return cause instanceof errors.JOSEError && !areKeysAway;
}

function unavailable(issuer: string, cause: unknown): Unavailable {
  return new Unavailable("dependency_unavailable", `${issuer} does not give its keys`, { retryAfterS, cause });
}
