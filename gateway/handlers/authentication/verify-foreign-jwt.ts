import { createBoundedCache } from "@orderflow/common/auth/bounded-cache";
import type { Caller } from "@orderflow/common/auth/caller";
import { decodeJwt } from "jose";
import { z } from "zod";
import { foreignId, type RoleMapping, roleOf } from "../../domain/foreign-caller.ts";
import type { OidcIssuer } from "../../providers/oidc-issuer.ts";
import { digestOf } from "./digest.ts";
import type { JwtVerifier } from "./verify-jwt.ts";

export type TrustedIssuer = RoleMapping & { issuer: string; provider: OidcIssuer };

type Options = {
  /** Of our own tokens. */
  own: JwtVerifier;
  issuers: readonly TrustedIssuer[];
  now: () => Date;
};

/** An issuer may take a key back: what was verified is believed for five minutes, or until it expires. */
const maxTrustMs = 300_000;
const cacheCapacity = 10_000;
const maxTokenLength = 8_192;
const maxNameLength = 100;

const Claims = z.object({
  sub: z.string().min(1).max(255),
  exp: z.number(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  email: z.email().max(254),
  // Orders are told of by e-mail: to an address that somebody only claims, they are not.
  email_verified: z.literal(true).optional(),
});

type Verified = { caller: Caller; trustedUntilMs: number };

/** Our own tokens, and those of the issuers that the configuration trusts. */
export function createAnyJwtVerifier({ own, issuers, now }: Options): JwtVerifier {
  const byIssuer = new Map(issuers.map((trusted) => [trusted.issuer, trusted]));
  const verified = createBoundedCache<Verified>(cacheCapacity);
  if (byIssuer.size === 0) return own;

  async function verifyForeign(token: string, trusted: TrustedIssuer): Promise<Caller | undefined> {
    const digest = digestOf(token);
    const known = verified.get(digest);
    if (known && known.trustedUntilMs > now().getTime()) return known.caller;
    const payload = await trusted.provider.verify(token, now());
    const claims = Claims.safeParse(payload);
    const role = payload && roleOf(payload, trusted);
    if (!claims.success || !role) return undefined;
    const { sub, email, exp } = claims.data;
    const caller = { id: foreignId(trusted.issuer, sub), name: nameOf(claims.data), email, role };
    verified.set(digest, { caller, trustedUntilMs: Math.min(exp * 1000, now().getTime() + maxTrustMs) });
    return caller;
  }

  return {
    async verify(token) {
      if (token.length > maxTokenLength) return undefined;
      const trusted = byIssuer.get(issuerOf(token) ?? "");
      return trusted ? verifyForeign(token, trusted) : own.verify(token);
    },
  };
}

/** Whom the token claims to be of: it decides by whose keys it is checked, and nothing else. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** It goes into headers and mails: bounded, and without line breaks. */
function nameOf({ name, preferred_username, email }: z.infer<typeof Claims>): string {
  const plain = (name ?? preferred_username ?? "").replaceAll(/[\p{Cc}\p{Cs}]/gu, " ").trim();
  return [...plain].slice(0, maxNameLength).join("") || email;
}
