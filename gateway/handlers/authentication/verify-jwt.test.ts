import { expect, test } from "bun:test";
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from "jose";
import { createJwtVerifier } from "./verify-jwt.ts";

const publicUrl = "http://gateway.test";

async function aKey(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519" });
  const token = await new SignJWT({ name: "Ann", email: "ann@example.com", role: "customer" })
    .setProtectedHeader({ alg: "EdDSA", kid })
    .setSubject("u1")
    .setIssuer(publicUrl)
    .setAudience(publicUrl)
    .setExpirationTime("15m")
    .sign(privateKey);
  return { token, jwk: { ...(await exportJWK(publicKey)), kid, alg: "EdDSA" } };
}

function aVerifier(load: () => Promise<JSONWebKeySet>) {
  return createJwtVerifier({ loadKeys: load, publicUrl, algorithm: "EdDSA", now: () => new Date() });
}

test("a token with a key that another gateway has just made is not refused", async () => {
  const [first, second] = await Promise.all([aKey("a"), aKey("b")]);
  const keys = [first.jwk];
  const verifier = aVerifier(async () => ({ keys: [...keys] }));
  expect(await verifier.verify(second.token)).toBeUndefined();
  expect((await verifier.verify(first.token))?.id).toBe("u1");
  keys.push(second.jwk);
  expect((await verifier.verify(second.token))?.id).toBe("u1");
});

test("unknown keys, however many, make the keys be loaded a bounded number of times", async () => {
  const known = await aKey("a");
  let loads = 0;
  const verifier = aVerifier(async () => {
    loads++;
    return { keys: [known.jwk] };
  });
  const strangers = await Promise.all(Array.from({ length: 50 }, (_, index) => aKey(`stranger-${index}`)));
  const answers = await Promise.all(strangers.map(({ token }) => verifier.verify(token)));
  expect(new Set(answers)).toEqual(new Set([undefined]));
  expect(loads).toBe(2);
});

test("a token is checked once and then remembered", async () => {
  const { token, jwk } = await aKey("a");
  let loads = 0;
  const verifier = aVerifier(async () => {
    loads++;
    return { keys: [jwk] };
  });
  const [first, again] = [await verifier.verify(token), await verifier.verify(token)];
  expect(again).toBe(first);
  expect(loads).toBe(1);
});

test("keys that cannot be loaded are a fault, not a bad token, and are asked for again", async () => {
  const { token, jwk } = await aKey("a");
  let isAway = true;
  const verifier = aVerifier(async () => {
    if (isAway) throw new Error("away");
    return { keys: [jwk] };
  });
  await expect(verifier.verify(token)).rejects.toThrow("away");
  isAway = false;
  expect((await verifier.verify(token))?.id).toBe("u1");
});
