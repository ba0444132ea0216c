/** What tells a key of ours from any other text, to people and to scanners that look for leaked secrets. */
const mark = "ofk";
const secretBytes = 32;
const prefixBytes = 6;
const shape = /^(ofk_[\w-]{8})_([\w-]{43})$/;

export type NewApiKey = {
  /** Shown in lists, and how a key is found. */
  prefix: string;
  /** The whole key. Shown once and kept nowhere. */
  key: string;
};

/** A new key from `random`, whose secret part has 256 bits: so many that its plain SHA-256 may be stored. */
export function createApiKey(random: (bytes: number) => Uint8Array): NewApiKey {
  const prefix = `${mark}_${base64url(random(prefixBytes))}`;
  return { prefix, key: `${prefix}_${base64url(random(secretBytes))}` };
}

/** The prefix of what looks like a key of ours. */
export function prefixOf(key: string): string | undefined {
  return shape.exec(key)?.[1];
}

export type KeyState = { expiresAt: Date; revokedAt: Date | null };

export function isUsable({ expiresAt, revokedAt }: KeyState, now: Date): boolean {
  return revokedAt === null && expiresAt.getTime() > now.getTime();
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
