const made = new WeakMap<object, string>();

/**
 * JSON of what an event says. It is measured, stored and published, and made once: whoever changes the object later
 * changes none of these.
 */
export function dataJson(data: unknown): string {
  if (typeof data !== "object" || data === null) return JSON.stringify(data) ?? "null";
  const known = made.get(data);
  if (known !== undefined) return known;
  const json = JSON.stringify(data);
  made.set(data, json);
  return json;
}
