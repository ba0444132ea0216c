/** SHA-256 in base64url, by which credentials are remembered without being kept. */
export function digestOf(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("base64url");
}
