import { createBoundedCache } from "@orderflow/common/auth/bounded-cache";
import type { Caller } from "@orderflow/common/auth/caller";
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from "jose";
import { z } from "zod";

const Claims = z.object({
  sub: z.string().min(1),
  exp: z.number(),
  name: z.string(),
  email: z.string(),
  role: z.enum(["customer", "operator"]),
});

export type JwtVerifierOptions = {
  loadKeys: () => Promise<JSONWebKeySet>;
  /** Both issuer and audience of the tokens. */
  publicUrl: string;
  algorithm: string;
  now: () => Date;
  cacheCapacity?: number;
};

export type JwtVerifier = {
  /** The caller, or undefined when the token is expired, foreign or garbage. Throws when the keys cannot be loaded. */
  verify(token: string): Promise<Caller | undefined>;
};

type Verified = { caller: Caller; expiresAtMs: number };

/** Another gateway may just have made a key, so a token with one we do not know makes us look again, but no oftener than this. */
const keyReloadMs = 100;
const maxTokenLength = 4_096;

/** A signature costs some 136 µs to check, so a verified token is remembered by its digest until it expires. */
export function createJwtVerifier(options: JwtVerifierOptions): JwtVerifier {
  const { now, cacheCapacity = 10_000 } = options;
  const verified = createBoundedCache<Verified>(cacheCapacity);
  const keys = createKeySource(options);

  async function check(token: string): Promise<Verified> {
    const { payload } = await jwtVerify(token, (header, jws) => keys.find(header, jws), {
      algorithms: [options.algorithm],
      issuer: options.publicUrl,
      audience: options.publicUrl,
      currentDate: now(),
      requiredClaims: ["exp", "sub"],
    });
    const { sub, exp, ...claims } = Claims.parse(payload);
    return { caller: { id: sub, ...claims }, expiresAtMs: exp * 1000 };
  }

  return {
    async verify(token) {
      if (token.length > maxTokenLength) return undefined;
      const digest = new Bun.CryptoHasher("sha256").update(token).digest("base64");
      const known = verified.get(digest);
      if (known && known.expiresAtMs > now().getTime()) return known.caller;
      try {
        const fresh = await check(token);
        verified.set(digest, fresh);
        return fresh.caller;
      } catch (error) {
        verified.delete(digest);
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
        throw error;
      }
    },
  };
}

type FindKey = ReturnType<typeof createLocalJWKSet>;

function createKeySource({ loadKeys }: JwtVerifierOptions) {
  let loaded: Promise<FindKey> | undefined;
  let reloading: Promise<FindKey> | undefined;
  let loadedAtMs = Number.NEGATIVE_INFINITY;

  function load(): Promise<FindKey> {
    loadedAtMs = performance.now();
    const loading = loadKeys().then(createLocalJWKSet);
    loaded = loading;
    loading.catch(() => {
      if (loaded === loading) loaded = undefined;
    });
    return loading;
  }

  async function loadAgain(): Promise<FindKey> {
    await Bun.sleep(Math.max(0, loadedAtMs + keyReloadMs - performance.now()));
    reloading = undefined;
    return load();
  }

  return {
    async find(...[header, jws]: Parameters<FindKey>) {
      const find = await (loaded ?? load());
      try {
        return await find(header, jws);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        reloading ??= loadAgain();
        const findAgain = await reloading;
        return findAgain(header, jws);
      }
    },
  };
}
