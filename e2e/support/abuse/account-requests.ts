import fc from "fast-check";
import { type FuzzRequest, jsonText, oddHeaders } from "./fuzz-request.ts";
import { hostileName, hostileValue } from "./hostile-values.ts";
import { spoiled } from "./spoiled-value.ts";

const routes = ["/auth/sign-up/email", "/auth/sign-in/email", "/auth/change-password", "/auth/sign-out"];
const reads = ["/auth/get-session", "/auth/token", "/auth/jwks", "/auth/ok", "/auth/verify-email", "/auth/%00"];

const body = fc.record(
  {
    email: fc.emailAddress(),
    password: fc.string({ minLength: 8, maxLength: 20, unit: "binary" }),
    name: fc.string({ minLength: 1, maxLength: 50 }),
    image: fc.webUrl(),
    callbackURL: fc.constantFrom("/", "https://evil.example", "javascript:alert(1)", "//evil.example"),
    rememberMe: fc.boolean(),
    newPassword: fc.string({ minLength: 8 }),
    currentPassword: fc.string({ minLength: 8 }),
  },
  { requiredKeys: ["email", "password", "name"], noNullPrototype: true },
);

/** Accounts, always as nobody: the sessions of the others are still needed. */
export const accountRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  fc
    .record({
      path: fc.constantFrom(...routes),
      text: jsonText(fc.oneof(body, spoiled(body), hostileValue)),
      odd: oddHeaders,
    })
    .map(({ path, text, odd }) => ({
      about: `POST ${path}`,
      caller: "nobody" as const,
      method: "POST",
      path,
      headers: { "content-type": "application/json", ...odd },
      body: text,
    })),
  fc
    .record({ path: fc.constantFrom(...reads), name: hostileName, value: hostileValue, odd: oddHeaders })
    .map(({ path, name, value, odd }) => ({
      about: `GET ${path}`,
      caller: "nobody" as const,
      method: "GET",
      path: `${path}?${encodeURIComponent(name)}=${encodeURIComponent(String(JSON.stringify(value)).toWellFormed()).slice(0, 4_000)}`,
      headers: odd,
      body: undefined,
    })),
);
