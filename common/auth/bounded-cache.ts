/** Holds at most `capacity` entries; the one written longest ago leaves first. */
export function createBoundedCache<Value>(capacity: number) {
  const entries = new Map<string, Value>();
  return {
    get: (key: string): Value | undefined => entries.get(key),
    set(key: string, value: Value): void {
      entries.delete(key);
      if (entries.size >= capacity) {
        const oldest = entries.keys().next();
        if (!oldest.done) entries.delete(oldest.value);
      }
      entries.set(key, value);
    },
    delete: (key: string): boolean => entries.delete(key),
    size: (): number => entries.size,
  };
}
