import { beforeAll, describe, expect, test } from "bun:test";
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

describe("while the key of a service is changed", () => {
  const stages = ["before", "both are known", "the new one signs", "after"] as const;
  type Stage = (typeof stages)[number];

  /** What an instance has been given that was started in this stage. */
  async function instancesOf() {
    const next = await createServiceKeys(["order.2"]);
    const known = (publicKeys: string) => (JSON.parse(publicKeys) as { keys: { kid: string }[] }).keys;
    const [old, added] = [known(keys.publicKeys), known(next.publicKeys)];
    const jwks = (list: { kid: string }[]) => JSON.stringify({ keys: list });
    const both = jwks([...old, ...added]);
    const newOnly = jwks([...old.filter(({ kid }) => kid !== "order"), ...added]);
    const [oldKey, newKey] = [keyOf("order"), next.privateKeys["order.2"] ?? ""];
    return {
      before: { privateKey: oldKey, publicKeys: keys.publicKeys },
      "both are known": { privateKey: oldKey, publicKeys: both },
      "the new one signs": { privateKey: newKey, publicKeys: both },
      after: { privateKey: newKey, publicKeys: newOnly },
    } satisfies Record<Stage, { privateKey: string; publicKeys: string }>;
  }

  test("instances of one stage and of the next believe each other", async () => {
    const instances = await instancesOf();
    for (const [index, stage] of stages.entries()) {
      for (const other of stages.slice(Math.max(0, index - 1), index + 2)) {
        const { privateKey } = instances[stage];
        const token = await createTokenSigner({ issuer: "order", privateKey, now: later(0) }).sign(
          serviceCaller("order"),
          "worker",
        );
        const { publicKeys } = instances[other];
        const verifier = createTokenVerifier({ audience: ["orderflow", "worker"], publicKeys, now: later(1) });
        expect(await verifier.verify(token), `${stage} asks ${other}`).toEqual(serviceCaller("order"));
      }
    }
  });

  test("the old key is worth nothing afterwards, and the new one nothing before it is known", async () => {
    const { before, after } = await instancesOf();
    for (const [asking, asked] of [
      [before, after],
      [after, before],
    ] as const) {
      const { sign } = createTokenSigner({ issuer: "order", privateKey: asking.privateKey, now: later(0) });
      const token = await sign(serviceCaller("order"), "worker");
      const verifier = createTokenVerifier({ audience: ["worker"], publicKeys: asked.publicKeys, now: later(1) });
      expect(await refusal(token, verifier)).toBe("The token is not valid");
    }
  });

  test("a further key speaks for its own service alone", async () => {
    const further = await createServiceKeys(["worker.2", "gateway.2"]);
    expect(() => createTokenSigner({ issuer: "order", privateKey: keyOf("worker.2", further) })).toThrow("has the kid");
    const claims = { iss: "order", role: "service", sub: "order", aud: "worker" };
    const forged = await forge({ kid: "worker.2", key: keyOf("worker.2", further), claims });
    const { publicKeys } = further;
    expect(await refusal(forged, createTokenVerifier({ audience: ["worker"], publicKeys, now: later(1) }))).toBe(
      "The token is not valid",
    );
  });

  test("two keys under one id stop the start", () => {
    const { keys: known } = JSON.parse(keys.publicKeys) as { keys: object[] };
    const publicKeys = JSON.stringify({ keys: [...known, known[0]] });
    expect(() => createTokenVerifier({ audience: ["order"], publicKeys })).toThrow("a kid of its own");
  });
});
