import fc from "fast-check";
import type { Procedure } from "../procedures.ts";
import { escaped, type FuzzRequest, fuzzCaller, jsonText, oddHeaders } from "./fuzz-request.ts";
import { hostileValue } from "./hostile-values.ts";
import { spoiled } from "./spoiled-value.ts";
import { type Pools, validValue } from "./valid-value.ts";

/** Valid as often as not: what is refused at the door shows little of the rooms behind it. */
function inputOf({ input, schemas }: Procedure, pools: Pools): fc.Arbitrary<unknown> {
  if (input === undefined) return fc.oneof(fc.constant(undefined), hostileValue);
  const valid = validValue(input, { schemas, pools });
  return fc.oneof(
    { weight: 5, arbitrary: valid },
    { weight: 4, arbitrary: spoiled(valid) },
    { weight: 1, arbitrary: hostileValue },
  );
}

/** One procedure, asked as a client asks it, or with a method that it is not for. */
export function rpcRequest(procedures: readonly Procedure[], pools: Pools): fc.Arbitrary<FuzzRequest> {
  return fc.constantFrom(...procedures).chain((procedure) => {
    const usual = procedure.type === "mutation" ? "POST" : "GET";
    return fc
      .record({
        caller: fuzzCaller,
        odd: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddHeaders }),
        method: fc.oneof({ weight: 8, arbitrary: fc.constant(usual) }, fc.constantFrom("POST", "GET", "PUT", "HEAD")),
        text: jsonText(inputOf(procedure, pools)),
      })
      .map(({ caller, odd, method, text }) => request(procedure, { caller, odd, method, text }));
  });
}

type Parts = { caller: FuzzRequest["caller"]; odd: Record<string, string>; method: string; text: string | undefined };

function request({ name, type }: Procedure, { caller, odd, method, text }: Parts): FuzzRequest {
  const hasBody = method === "POST" || method === "PUT";
  const query = hasBody || text === undefined ? "" : `?input=${escaped(text)}`;
  const accept: Record<string, string> = type === "subscription" ? { accept: "text/event-stream" } : {};
  const headers = { ...(hasBody && { "content-type": "application/json" }), ...accept, ...odd };
  return { about: name, caller, method, path: `/trpc/${name}${query}`, headers, body: hasBody ? text : undefined };
}

/** Several procedures at once, of several services, some of which there are not. */
export function batchRequest(procedures: readonly Procedure[], pools: Pools): fc.Arbitrary<FuzzRequest> {
  const unary = procedures.filter(({ type }) => type !== "subscription");
  const unknown = fc.constantFrom(
    "order.nope",
    "internal.quote",
    "inventory.quote",
    "order.events.read",
    "",
    "__proto__.x",
  );
  const call = fc.oneof(
    {
      weight: 9,
      arbitrary: fc
        .constantFrom(...unary)
        .chain((procedure) => fc.record({ name: fc.constant(procedure.name), input: inputOf(procedure, pools) })),
    },
    { weight: 1, arbitrary: fc.record({ name: unknown, input: hostileValue }) },
  );
  return fc
    .record({ caller: fuzzCaller, calls: fc.array(call, { minLength: 1, maxLength: 5 }), isStreamed: fc.boolean() })
    .map(({ caller, calls, isStreamed }) => ({
      about: `batch ${calls.map(({ name }) => name).join(",")}`,
      caller,
      method: "POST",
      path: `/trpc/${calls.map(({ name }) => escaped(name)).join(",")}?batch=1`,
      headers: { "content-type": "application/json", ...(isStreamed && { "trpc-accept": "application/jsonl" }) },
      body: JSON.stringify(Object.fromEntries(calls.map(({ input }, index) => [index, input]))),
    }));
}
