import { z } from "zod";

const maxIssuers = 10;
const Role = z.enum(["customer", "operator"]);
/** Asymmetric ones alone: with a shared secret, whoever can check a token can make one. */
const Algorithm = z.enum(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]);

const OidcIssuer = z.strictObject({
  issuer: z.url({ protocol: /^https?$/ }),
  audience: z.string().min(1).max(500),
  algorithms: z.array(Algorithm).min(1).default(["RS256", "PS256", "ES256", "EdDSA"]),
  clockSkewS: z.int().min(0).max(300).default(30),
  roleClaim: z.string().min(1).max(200).optional(),
  roles: z.record(z.string(), Role).default({}),
  defaultRole: Role.optional(),
});

/** Who else may say who somebody is, as JSON. The issuers' names are compared as they are, to the last slash. */
export const OidcIssuers = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: "custom", message: "expected a JSON array of issuers" });
      return z.NEVER;
    }
  })
  .pipe(
    z
      .array(OidcIssuer, { error: "expected a JSON array of issuers" })
      .max(maxIssuers, `expected at most ${maxIssuers} issuers`)
      .refine((all) => new Set(all.map(({ issuer }) => issuer)).size === all.length, "expected each issuer once"),
  );
