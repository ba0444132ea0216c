import { newId } from "@orderflow/common/ids";
import type { Logger } from "@orderflow/common/observability/logger";
import { APIError, createAuthMiddleware } from "better-auth/api";
import { betterAuth } from "better-auth/minimal";
import { bearer } from "better-auth/plugins/bearer";
import { jwt } from "better-auth/plugins/jwt";
import type { accountsStore } from "../../repositories/accounts-store.ts";
import { notingFaults } from "./noted-faults.ts";
import { hashPassword, verifyPassword } from "./password.ts";

type Settings = {
  authSecret: string;
  /** Reads what was encrypted with it, and encrypts and signs nothing. */
  otherAuthSecret?: string | undefined;
  /** Issuer and audience of the JWTs, and the origin that cookies belong to. */
  publicUrl: string;
  trustedOrigins: string[];
  /** Calls of one address to one password route in a window; 0 is no limit. */
  authRateLimitMax: number;
  authRateLimitWindowS: number;
};

type Options = {
  /** The library's adapter to our tables. */
  store: ReturnType<typeof accountsStore>;
  logger: Logger;
  config: Settings;
};

/** Set by the gateway itself on what it hands to better-auth; whatever a client sends under this name is replaced. */
export const clientAddressHeader = "x-orderflow-client-address";
export const jwtAlgorithm = "EdDSA";

/** A new key signs after this time; the old one is known for another 30 days. */
const keyLifetimeS = 90 * 24 * 60 * 60;
/** A session is read far more often than a password is typed. */
const readsPerSignIn = 30;
const passwordRoutes = ["/sign-in/email", "/sign-up/email", "/change-password"];
/** The name travels in tokens, headers and mails: bounded, and no line breaks. */
const plainName = /^[^\p{Cc}\p{Cs}]{1,100}$/u;
/** RFC 5321 takes no longer path. The library asks for its shape alone. */
const maxEmailLength = 254;

export type Auth = ReturnType<typeof createAuth>;

/** Accounts, sessions and JWTs, kept in `store`. Which of its routes answer is decided by the auth door. */
export function createAuth({ store, logger, config }: Options) {
  const { publicUrl } = config;
  return betterAuth({
    appName: "orderflow",
    baseURL: publicUrl,
    basePath: "/auth",
    secrets: numberedSecrets(config),
    // For what was encrypted before secrets had numbers.
    secret: config.authSecret,
    trustedOrigins: config.trustedOrigins,
    telemetry: { enabled: false },
    // Faults come to the auth door as exceptions: the library would print them with their SQL and its parameters.
    onAPIError: { throw: true },
    logger: { level: "error", log: (_level, message, ...details) => logger.error({ details }, message) },
    database: notingFaults(store),
    emailAndPassword: {
      enabled: true,
      // Signing up answers alike for an address that is taken, so it cannot sign in: that would tell.
      autoSignIn: false,
      minPasswordLength: 8,
      maxPasswordLength: 128,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    user: { additionalFields: { role: { type: "string", required: true, defaultValue: "customer", input: false } } },
    // Before anything is looked up: what is refused must not depend on whether the address is taken.
    hooks: {
      before: createAuthMiddleware(async ({ path, body }) => {
        if (path !== "/sign-up/email") return;
        requirePlainName(body?.name);
        requireShortEmail(body?.email);
      }),
    },
    rateLimit: rateLimit(config),
    advanced: {
      database: { generateId: newId },
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
      // Stated, because the library switches both checks off by itself when NODE_ENV is "test".
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
    plugins: [bearer({ requireSignature: true }), jwt(jwtOptions(publicUrl))],
  });
}

function jwtOptions(publicUrl: string) {
  return {
    disableSettingJwtHeader: true,
    jwks: { keyPairConfig: { alg: jwtAlgorithm, crv: "Ed25519" }, rotationInterval: keyLifetimeS },
    jwt: {
      issuer: publicUrl,
      audience: publicUrl,
      expirationTime: "15m",
      definePayload: ({ user }: { user: Record<string, unknown> }) => ({
        email: user.email,
        name: user.name,
        role: user.role,
      }),
    },
  } as const;
}

/** The first encrypts. A secret's number must be the same at every gateway that knows it, so it is made of the secret. */
function numberedSecrets({ authSecret, otherAuthSecret }: Settings) {
  const known = new Set([authSecret, ...(otherAuthSecret === undefined ? [] : [otherAuthSecret])]);
  return [...known].map((value) => ({
    version: Number.parseInt(new Bun.CryptoHasher("sha256").update(value).digest("hex").slice(0, 8), 16),
    value,
  }));
}

/** Counted in this process's memory, by address (IPv6 by /64) and route. */
function rateLimit({ authRateLimitMax: max, authRateLimitWindowS: window }: Settings) {
  return {
    enabled: max > 0,
    storage: "memory",
    window,
    max: max * readsPerSignIn,
    customRules: Object.fromEntries(passwordRoutes.map((route) => [route, { window, max }])),
  } as const;
}

function requirePlainName(name: unknown): void {
  if (typeof name === "string" && plainName.test(name)) return;
  throw new APIError("BAD_REQUEST", {
    code: "INVALID_NAME",
    message: "A name has 1 to 100 characters and no line breaks",
  });
}

function requireShortEmail(email: unknown): void {
  if (typeof email !== "string" || email.length <= maxEmailLength) return;
  throw new APIError("BAD_REQUEST", {
    code: "INVALID_EMAIL",
    message: `An e-mail address has at most ${maxEmailLength} characters`,
  });
}
