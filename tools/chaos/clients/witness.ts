import { appendFileSync, readFileSync } from "node:fs";

export type Line = { sku: string; quantity: number };
export type PlaceRequest = { idempotencyKey: string; lines: Line[]; shippingAddress: Record<string, string> };

/** What a client asked for, and what it was told in the end. */
type Asked =
  | { call: "place"; key: string; mark: string; request: PlaceRequest }
  | { call: "cancel"; key: string; orderId: string }
  | { call: "adjust"; key: string; sku: string; delta: number };

export type Told =
  | { outcome: "accepted"; orderId?: string; status?: string; totalMinor?: number }
  | { outcome: "refused"; reason: string }
  /** Nobody knows what became of it. It is asked again at the end, with the same key. */
  | { outcome: "unanswered"; problem: string };

/** `by` is the account's index, -1 for the operator. */
type Statement = Asked & Told & { by: number; tries: number; elapsedMs: number };
export type Testimony = Statement & { at: string };

/** A file, outside of the system, of every answer that a client was given: the verdict is taken against it. */
export type Witness = { file: string; note(statement: Statement): void; readAll(): Testimony[] };

export function createWitness(file: string): Witness {
  return {
    file,
    note: (statement) => appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...statement })}\n`),
    readAll: () =>
      readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Testimony),
  };
}
