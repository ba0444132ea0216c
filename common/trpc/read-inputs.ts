import { type AnyTRPCRouter, TRPCError } from "@trpc/server";
import { isObject } from "@trpc/server/unstable-core-do-not-import";
import { isStorable, maySpellUnstorable } from "../text/storable.ts";

export type ReadInput = (index: number) => unknown;

type Source = { router: AnyTRPCRouter; isBatch: boolean; text: string };

/** Parses when the first call asks, since a procedure without an input never does. A batch is an object by index. */
export function readInputs({ router, isBatch, text }: Source): ReadInput {
  const { deserialize } = router._def._config.transformer.input;
  const isSuspicious = maySpellUnstorable(text);
  let parsed: { inputs: unknown } | { error: TRPCError } | undefined;
  return (index) => {
    parsed ??= text === "" ? { inputs: undefined } : parse(text, isBatch);
    if ("error" in parsed) throw parsed.error;
    const input = isBatch && isObject(parsed.inputs) ? parsed.inputs[index] : parsed.inputs;
    if (isSuspicious && !isStorable(input)) throw unstorableInput();
    return input === undefined ? undefined : deserialize(input);
  };
}

/** The refusal of an input that no schema would refuse and no database could keep. */
export function unstorableInput(): TRPCError {
  return new TRPCError({ code: "BAD_REQUEST", message: "The input holds a NUL character or half a surrogate pair" });
}

function parse(text: string, isBatch: boolean): { inputs: unknown } | { error: TRPCError } {
  try {
    const inputs: unknown = JSON.parse(text);
    if (!isBatch || isObject(inputs)) return { inputs };
    const message = '"input" needs to be an object when doing a batch call';
    return { error: new TRPCError({ code: "BAD_REQUEST", message }) };
  } catch (cause) {
    return { error: new TRPCError({ code: "BAD_REQUEST", cause }) };
  }
}
