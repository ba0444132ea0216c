/** What the caller can put right. Shown as its message alone. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
