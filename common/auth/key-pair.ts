import { exportJWK, generateKeyPair } from "jose";

export type ServiceKeys = { privateKeys: Record<string, string>; publicKeys: string };

/**
 * One Ed25519 key pair per key id, which is the service's name, or `<name>.2` and its like for its next key.
 * `privateKeys` holds a JWK as JSON for each name, `publicKeys` the JWKS of all as JSON.
 */
export async function createServiceKeys(names: string[]): Promise<ServiceKeys> {
  const pairs = await Promise.all(names.map(createPair));
  return {
    privateKeys: Object.fromEntries(pairs.map((pair) => [pair.name, JSON.stringify(pair.privateKey)])),
    publicKeys: JSON.stringify({ keys: pairs.map((pair) => pair.publicKey) }),
  };
}

async function createPair(name: string) {
  const pair = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const labels = { kid: name, alg: "EdDSA", use: "sig" };
  return {
    name,
    privateKey: { ...(await exportJWK(pair.privateKey)), ...labels },
    publicKey: { ...(await exportJWK(pair.publicKey)), ...labels },
  };
}
