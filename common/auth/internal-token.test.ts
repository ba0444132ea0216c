import { beforeAll, expect, test } from "bun:test";
import { TRPCError } from "@trpc/server";
import { importJWK, SignJWT } from "jose";
import { type Caller, nobody, serviceCaller } from "./caller.ts";
import { createTokenSigner, createTokenVerifier, type TokenVerifier } from "./internal-token.ts";
import { createServiceKeys, type ServiceKeys } from "./key-pair.ts";

let keys: ServiceKeys;
let foreign: ServiceKeys;
beforeAll(async () => {
  [keys, foreign] = await Promise.all([
    createServiceKeys(["gateway", "order", "worker"]),
    createServiceKeys(["gateway"]),
  ]);
});

const start = new Date("2026-01-01T00:00:00Z");
const later = (seconds: number) => () => new Date(start.getTime() + seconds * 1000);
const ann: Caller = { role: "customer", id: "u-1", name: "Ann", email: "ann@example.com" };

const keyOf = (name: string, of = keys) => of.privateKeys[name] ?? "";
const signer = (issuer: string, of = keys) =>
  createTokenSigner({ issuer, privateKey: keyOf(issuer, of), now: later(0) });
const orderVerifier = (now = later(1)) =>
  createTokenVerifier({ audience: ["orderflow", "order"], publicKeys: keys.publicKeys, now });

async function refusal(token: string, verifier: TokenVerifier = orderVerifier()): Promise<string> {
  const error: unknown = await verifier.verify(token).catch((cause: unknown) => cause);
  if (!(error instanceof TRPCError)) throw new Error(`expected a refusal, got ${JSON.stringify(error)}`);
  expect(error.code).toBe("UNAUTHORIZED");
  return error.message;
}

type Forgery = { kid: string; key: string; claims: Record<string, unknown>; alg?: string };

/** What an attacker who holds the key of `key` can make. */
async function forge({ kid, key, claims, alg = "EdDSA" }: Forgery): Promise<string> {
  const exp = start.getTime() / 1000 + 120;
  const token = new SignJWT({ exp, sub: "u-1", name: "", email: "", aud: "orderflow", role: "customer", ...claims });
  return token.setProtectedHeader({ alg, kid }).sign(await importJWK(JSON.parse(key), alg));
}

test.each<Caller>([ann, { ...ann, role: "operator" }, nobody])("the gateway vouches for $role", async (caller) => {
  expect(await orderVerifier().verify(await signer("gateway").sign(caller, "orderflow"))).toEqual(caller);
});

test("a service speaks for itself to the neighbour it names", async () => {
  const token = await signer("worker").sign(serviceCaller("worker"), "order");
  expect(await orderVerifier().verify(token)).toEqual(serviceCaller("worker"));
  const other = createTokenVerifier({
    audience: ["orderflow", "inventory"],
    publicKeys: keys.publicKeys,
    now: later(1),
  });
  expect(await refusal(token, other)).toBe("The token is not valid");
});

test("a token expires after two minutes, also one that was verified before", async () => {
  let now = later(1);
  const verifier = orderVerifier(() => now());
  const token = await signer("gateway").sign(ann, "orderflow");
  expect(await verifier.verify(token)).toEqual(ann);
  now = later(119);
  expect(await verifier.verify(token)).toEqual(ann);
  now = later(120);
  expect(await refusal(token, verifier)).toBe("The token has expired");
});

test("a key of another shop is not believed", async () => {
  expect(await refusal(await signer("gateway", foreign).sign(ann, "orderflow"))).toBe("The token is not valid");
});

test.each<[string, () => Forgery]>([
  ["claims to be the gateway", () => ({ kid: "order", key: keyOf("order"), claims: { iss: "gateway" } })],
  ["uses the gateway's key id", () => ({ kid: "gateway", key: keyOf("order"), claims: { iss: "gateway" } })],
  ["vouches for a customer", () => ({ kid: "order", key: keyOf("order"), claims: { iss: "order" } })],
  [
    "vouches for an operator",
    () => ({ kid: "order", key: keyOf("order"), claims: { iss: "order", role: "operator" } }),
  ],
  ["vouches for nobody", () => ({ kid: "order", key: keyOf("order"), claims: { iss: "order", role: "nobody" } })],
  [
    "claims to be its neighbour",
    () => ({
      kid: "worker",
      key: keyOf("worker"),
      claims: { iss: "worker", role: "service", sub: "gateway", aud: "order" },
    }),
  ],
  [
    "speaks as a service to all",
    () => ({ kid: "worker", key: keyOf("worker"), claims: { iss: "worker", role: "service", sub: "worker" } }),
  ],
])("a service that %s is not believed", async (_, forgery) => {
  expect(await refusal(await forge(forgery()))).toBe("The token is not valid");
});

test.each<[string, Record<string, unknown>]>([
  ["without an expiry", { exp: undefined }],
  ["without a subject", { sub: undefined }],
  ["for a customer at the neighbour's own door", { aud: "order" }],
  ["for two audiences", { aud: ["orderflow", "order"] }],
  ["with an unknown role", { role: "admin" }],
  ["with a name that is no text", { name: 1 }],
])("a token of the gateway %s is not believed", async (_, claims) => {
  const token = await forge({ kid: "gateway", key: keyOf("gateway"), claims: { iss: "gateway", ...claims } });
  expect(await refusal(token)).toBe("The token is not valid");
});

test("an algorithm other than EdDSA is not believed", async () => {
  const claims = { iss: "gateway" };
  const secret = JSON.stringify({ kty: "oct", k: Buffer.from(keys.publicKeys).toString("base64url") });
  expect(await refusal(await forge({ kid: "gateway", key: secret, claims, alg: "HS256" }))).toBe(
    "The token is not valid",
  );
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const unsigned = `${part({ alg: "none", kid: "gateway" })}.${part({ ...ann, ...claims, aud: "orderflow", exp: 4e9 })}.`;
  expect(await refusal(unsigned)).toBe("The token is not valid");
});

test.each(["", "garbage", "a.b.c", "..", "\u0000", "x".repeat(1_000_000)])(
  "garbage is not believed: %#",
  async (token) => {
    expect(await refusal(token)).toBe("The token is not valid");
  },
);

test("a token with one character changed is not believed", async () => {
  const token = await signer("gateway").sign(ann, "orderflow");
  for (const at of [5, token.indexOf(".") + 5, token.lastIndexOf(".") + 5]) {
    const changed = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    expect(await refusal(changed)).toBe("The token is not valid");
  }
});

test("a token is reused for a minute, per caller and audience", async () => {
  let now = later(0);
  const { sign } = createTokenSigner({ issuer: "gateway", privateKey: keyOf("gateway"), now: () => now() });
  const first = await sign(ann, "orderflow");
  now = later(59);
  expect(await sign({ ...ann }, "orderflow")).toBe(first);
  expect(await sign(ann, "order")).not.toBe(first);
  expect(await sign({ ...ann, role: "operator" }, "orderflow")).not.toBe(first);
  now = later(61);
  expect(await sign(ann, "orderflow")).not.toBe(first);
});

test("a key that cannot be read stops the start without being shown", () => {
  expect(() => createTokenSigner({ issuer: "order", privateKey: '{"d":"secret"}' })).toThrow("private key is not");
  expect(() => createTokenVerifier({ audience: ["order"], publicKeys: "{}" })).toThrow("public keys are not");
});
