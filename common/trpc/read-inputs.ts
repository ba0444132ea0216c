import { type AnyTRPCRouter, TRPCError } from "@trpc/server";
import { isObject } from "@trpc/server/unstable-core-do-not-import";

export type ReadInput = (index: number) => unknown;

type Source = { router: AnyTRPCRouter; isBatch: boolean; text: string };

/** Parses when the first call asks, since a procedure without an input never does. A batch is an object by index. */
export function readInputs({ router, isBatch, text }: Source): ReadInput {
  const { deserialize } = router._def._config.transformer.input;
  let parsed: { inputs: unknown } | { error: TRPCError } | undefined;
  return (index) => {
    parsed ??= text === "" ? { inputs: undefined } : parse(text, isBatch);
    if ("error" in parsed) throw parsed.error;
    const input = isBatch && isObject(parsed.inputs) ? parsed.inputs[index] : parsed.inputs;
    return input === undefined ? undefined : deserialize(input);
  };
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
