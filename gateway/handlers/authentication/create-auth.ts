import type { SQL } from "bun";
import { newId } from "@orderflow/common/ids";
import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { bearer, jwt } from "better-auth/plugins";
import { drizzle } from "drizzle-orm/bun-sql";
import * as schema from "../../repositories/schema.ts";
import { hashPassword, verifyPassword } from "./password.ts";

export type AuthOptions = {
  sql: SQL;
  secret: string;
  /** Issuer and audience of the JWTs, and the origin that cookies belong to. */
  publicUrl: string;
  trustedOrigins: string[];
  /** Calls of one address to one password route in a window; 0 is no limit. */
  rateLimitMax: number;
  rateLimitWindowS: number;
  log: (level: "error" | "warn", message: string, details: unknown[]) => void;
};

/** Set by the gateway itself on what it hands to better-auth; whatever a client sends under this name is replaced. */
export const clientAddressHeader = "x-orderflow-client-address";
export const jwtLifetime = "15m";
export const jwtAlgorithm = "EdDSA";

/** Routes that only read a session are called far more often than a password is typed. */
const readsPerSignIn = 30;

export type Auth = ReturnType<typeof createAuth>;

/** Accounts, sessions and JWTs, stored through `sql`. Which of its routes answer is decided by the auth door. */
export function createAuth(options: AuthOptions) {
  const { publicUrl, rateLimitMax, rateLimitWindowS } = options;
  return betterAuth({
    appName: "orderflow",
    baseURL: publicUrl,
    basePath: "/auth",
    secret: options.secret,
    trustedOrigins: options.trustedOrigins,
    telemetry: { enabled: false },
    // Faults come to the auth door as exceptions: the library would print them with their SQL and its parameters.
    onAPIError: { throw: true },
    logger: { level: "warn", log: (level, message, ...details) => options.log(level === "error" ? "error" : "warn", message, details) },
    database: drizzleAdapter(drizzle({ client: options.sql }), { provider: "pg", schema }),
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 8,
      maxPasswordLength: 128,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    user: { additionalFields: { role: { type: "string", required: true, defaultValue: "customer", input: false } } },
    rateLimit: {
      enabled: rateLimitMax > 0,
      storage: "memory",
      window: rateLimitWindowS,
      max: rateLimitMax * readsPerSignIn,
      customRules: Object.fromEntries(
        ["/sign-in/email", "/sign-up/email", "/change-password"].map((path) => [path, { window: rateLimitWindowS, max: rateLimitMax }]),
      ),
    },
    advanced: {
      database: { generateId: newId },
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
      // Stated, because the library switches both checks off by itself when NODE_ENV is "test".
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
    plugins: [
      bearer(),
      jwt({
        disableSettingJwtHeader: true,
        jwks: { keyPairConfig: { alg: jwtAlgorithm, crv: "Ed25519" } },
        jwt: {
          issuer: publicUrl,
          audience: publicUrl,
          expirationTime: jwtLifetime,
          definePayload: ({ user }) => ({ email: user.email, name: user.name, role: user["role"] }),
        },
      }),
    ],
  });
}
