export type SettingChange = { name: string; before: string | number | null; after: string | number | null };

/** What differs, by name with dots for what lies inside, in the order of the names. Null is not set. */
export function compareSettings(before: object, after: object): SettingChange[] {
  const [old, young] = [flatten(before), flatten(after)];
  const names = [...new Set([...old.keys(), ...young.keys()])].sort();
  return names.flatMap((name) => {
    const change = { name, before: old.get(name) ?? null, after: young.get(name) ?? null };
    return change.before === change.after ? [] : [change];
  });
}

function flatten(values: object, prefix = ""): Map<string, string | number> {
  const flat = Object.entries(values).flatMap(([key, value]): [string, string | number][] => {
    if (typeof value === "object" && value !== null) return [...flatten(value, `${prefix}${key}.`)];
    return typeof value === "string" || typeof value === "number" ? [[prefix + key, value]] : [];
  });
  return new Map(flat);
}
