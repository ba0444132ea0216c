/** Time-ordered, so that a new row lands at the right edge of its index (RFC 9562, version 7). */
export function newId(): string {
  return Bun.randomUUIDv7();
}
