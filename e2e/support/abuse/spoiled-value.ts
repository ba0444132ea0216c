import fc from "fast-check";
import { hostileFragment, hostileName, hostileValue } from "./hostile-values.ts";

type Step = "insert" | "replace" | "remove" | "add" | "wrap";
type Container = Record<string, unknown> | unknown[];

/** A valid value with one thing wrong somewhere in it. */
export function spoiled(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const step = fc.constantFrom<Step>("insert", "insert", "insert", "replace", "replace", "remove", "add", "wrap");
  return fc
    .record({ value: valid, at: fc.nat(200), step, by: hostileValue, name: hostileName, fragment: hostileFragment })
    .map(({ value, ...spoiling }) => spoil(structuredClone(value), spoiling));
}

type Spoiling = { at: number; step: Step; by: unknown; name: string; fragment: string };

function spoil(value: unknown, { at, step, by, name, fragment }: Spoiling): unknown {
  const all = placesIn(value);
  const places = step === "insert" ? all.filter(isText) : all;
  const place = places[at % Math.max(1, places.length)];
  if (!place) return by;
  const { inside, key } = place;
  if (step === "insert") assign(inside, key, withFragment(String(Reflect.get(inside, key)), fragment));
  else if (step === "replace") assign(inside, key, by);
  else if (step === "wrap")
    assign(inside, key, [at % 2 ? Reflect.get(inside, key) : { value: Reflect.get(inside, key) }]);
  else if (step === "remove") Reflect.deleteProperty(inside, key);
  else assign(Array.isArray(inside) ? (value as Container) : inside, name, by);
  return value;
}

/** Also `__proto__`, as JSON.parse would make it. */
function assign(inside: Container, key: string, value: unknown): void {
  Object.defineProperty(inside, key, { value, enumerable: true, configurable: true, writable: true });
}

/** As long as before, so that only what it says is wrong. */
function withFragment(text: string, fragment: string): string {
  const kept = Math.max(1, text.length - fragment.length);
  return text.slice(0, Math.ceil(kept / 2)) + fragment + text.slice(text.length - Math.floor(kept / 2));
}

function isText({ inside, key }: { inside: Container; key: string }): boolean {
  return typeof Reflect.get(inside, key) === "string";
}

function placesIn(value: unknown): { inside: Container; key: string }[] {
  if (typeof value !== "object" || value === null) return [];
  const inside = value as Container;
  return Object.entries(inside).flatMap(([key, inner]) => [{ inside, key }, ...placesIn(inner)]);
}
