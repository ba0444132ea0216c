import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { TRPCError } from "@trpc/server";
import { errors, type JWTPayload, type JWTVerifyResult, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { createBoundedCache } from "./bounded-cache.ts";
import type { Caller } from "./caller.ts";

/** Carries the token that says, under the signature of a service, who calls. */
export const internalTokenHeader = "x-orderflow-token";
/** The audience of tokens that the gateway makes for the callers it has authenticated. */
export const publicAudience = "orderflow";
const gateway = "gateway";
const maxTokenLength = 4_096;

const lifetimeS = 120;
/** A reused token keeps at least `lifetimeS` minus this, so a call in flight never meets its expiry. */
const reuseMs = 60_000;

export type TokenSigner = {
  /** A JWT that lets `audience` know the caller, valid for two minutes from its making. */
  sign(caller: Caller, audience: string): Promise<string>;
};

export type TokenSignerOptions = {
  /** The service that vouches for the caller. */
  issuer: string;
  /** Its private JWK, as JSON. Its `kid` is the service's name, or `<name>.<anything>` for a further key. */
  privateKey: string;
  now?: () => Date;
  cacheCapacity?: number;
};

/** Signs with EdDSA (RFC 8037). Throws at once when the key cannot be read. */
export function createTokenSigner(options: TokenSignerOptions): TokenSigner {
  const { issuer, now = () => new Date(), cacheCapacity = 10_000 } = options;
  const { key, keyId = issuer } = readPrivateKey(options.privateKey);
  if (ownerOf(keyId) !== issuer) throw new Error(`The private key of ${issuer} has the kid ${keyId}`);
  const made = createBoundedCache<{ token: Promise<string>; madeAtMs: number }>(cacheCapacity);

  function make(caller: Caller, audience: string, madeAtMs: number): Promise<string> {
    const issuedAtS = Math.floor(madeAtMs / 1000);
    return new SignJWT({ role: caller.role, name: caller.name, email: caller.email })
      .setProtectedHeader({ alg: "EdDSA", kid: keyId })
      .setIssuer(issuer)
      .setSubject(caller.id)
      .setAudience(audience)
      .setIssuedAt(issuedAtS)
      .setExpirationTime(issuedAtS + lifetimeS)
      .sign(key);
  }

  return {
    sign(caller, audience) {
      const cacheKey = JSON.stringify([audience, caller.role, caller.id, caller.name, caller.email]);
      const nowMs = now().getTime();
      const known = made.get(cacheKey);
      if (known !== undefined && nowMs - known.madeAtMs < reuseMs) return known.token;
      const token = make(caller, audience, nowMs);
      made.set(cacheKey, { token, madeAtMs: nowMs });
      return token;
    },
  };
}

export type TokenVerifier = {
  /** The caller the token speaks of. Throws a TRPCError UNAUTHORIZED when it is not to be believed. */
  verify(token: string): Promise<Caller>;
};

export type TokenVerifierOptions = {
  /** What this service answers to: "orderflow" for the gateway's callers, its own name for its neighbours. */
  audience: string[];
  /** JWKS as JSON. The `kid` is the service's name, or `<name>.<anything>` for a further key while keys are changed. */
  publicKeys: string;
  now?: () => Date;
  cacheCapacity?: number;
};

const Claims = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.string(),
  exp: z.number(),
  role: z.enum(["nobody", "customer", "operator", "service"]),
  name: z.string(),
  email: z.string(),
});

/** Checking a signature costs some 136 µs, so what was verified is remembered until it expires. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { audience, now = () => new Date(), cacheCapacity = 10_000 } = options;
  const keys = readPublicKeys(options.publicKeys);
  const verified = createBoundedCache<{ caller: Caller; expiresAtMs: number }>(cacheCapacity);

  async function check(token: string): Promise<{ caller: Caller; expiresAtMs: number }> {
    const { payload, protectedHeader } = await verifySignature(token, { keys, audience, now: now() });
    const claims = Claims.parse(payload);
    if (claims.iss !== ownerOf(protectedHeader.kid)) throw new Error("issuer and key differ");
    if (!mayVouch(claims)) throw new Error("the issuer may not vouch for this role");
    const { role, name, email } = claims;
    return { caller: { role, id: claims.sub, name, email }, expiresAtMs: claims.exp * 1000 };
  }

  return {
    async verify(token) {
      if (token.length > maxTokenLength) throw unauthorized("The token is not valid");
      const digest = new Bun.CryptoHasher("sha256").update(token).digest("base64");
      const known = verified.get(digest);
      if (known !== undefined && known.expiresAtMs > now().getTime()) return known.caller;
      try {
        const fresh = await check(token);
        verified.set(digest, fresh);
        return fresh.caller;
      } catch (cause) {
        verified.delete(digest);
        throw unauthorized(
          cause instanceof errors.JWTExpired ? "The token has expired" : "The token is not valid",
          cause,
        );
      }
    },
  };
}

/** Whose key it is: names of services have no dots. */
function ownerOf(keyId: string | undefined): string | undefined {
  return keyId?.split(".", 1)[0];
}

/** A service speaks for itself alone, to one neighbour; only the gateway speaks for people. */
function mayVouch(claims: z.infer<typeof Claims>): boolean {
  if (claims.role === "service") return claims.sub === claims.iss && claims.aud !== publicAudience;
  return claims.iss === gateway && claims.aud === publicAudience;
}

type SignatureOptions = { keys: Map<string, KeyObject>; audience: string[]; now: Date };

function verifySignature(
  token: string,
  { keys, audience, now }: SignatureOptions,
): Promise<JWTVerifyResult<JWTPayload>> {
  const pick = (header: { kid?: string }) => {
    const key = header.kid === undefined ? undefined : keys.get(header.kid);
    if (key === undefined) throw new Error("no such key");
    return key;
  };
  return jwtVerify(token, pick, {
    algorithms: ["EdDSA"],
    audience,
    currentDate: now,
    requiredClaims: ["exp", "iss", "sub", "aud"],
  });
}

const PublicKeys = z.object({
  keys: z
    .array(z.looseObject({ kid: z.string() }))
    .max(100)
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length),
});

function readPublicKeys(text: string): Map<string, KeyObject> {
  try {
    const { keys } = PublicKeys.parse(JSON.parse(text));
    return new Map(keys.map((key) => [key.kid, createPublicKey({ key, format: "jwk" })]));
  } catch (cause) {
    throw new Error(
      "The services' public keys are not a JWKS in JSON with a kid of its own for each key, at most 100",
      {
        cause,
      },
    );
  }
}

function unauthorized(message: string, cause?: unknown): TRPCError {
  return new TRPCError({ code: "UNAUTHORIZED", message, cause });
}

function readPrivateKey(text: string): { key: KeyObject; keyId: string | undefined } {
  try {
    const jwk = z.looseObject({ kid: z.string().optional() }).parse(JSON.parse(text));
    return { key: createPrivateKey({ key: jwk, format: "jwk" }), keyId: jwk.kid };
  } catch {
    // The cause may quote the key.
    throw new Error("The service's private key is not a private JWK in JSON");
  }
}
