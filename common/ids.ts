/** Time-ordered, so that a new row lands at the right edge of its index (RFC 9562, version 7). */
export function newId(): string {
  return Bun.randomUUIDv7();
}

/** Lower than every id made from this instant on, and higher than those made before. */
export function idBefore(instant: Date): string {
  const hex = Math.max(0, instant.getTime()).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
