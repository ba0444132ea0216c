import fc from "fast-check";

export type FuzzCaller = "nobody" | "customer" | "operator" | "apiKey";

export type FuzzRequest = {
  /** What is asked for: a procedure or an operation. */
  about: string;
  caller: FuzzCaller;
  method: string;
  /** With its query, below the gateway's address. */
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
};

export const fuzzCaller: fc.Arbitrary<FuzzCaller> = fc.constantFrom(
  "operator",
  "operator",
  "customer",
  "apiKey",
  "nobody",
);

/** Headers that a stranger might send in the hope that somebody behind us looks at them. */
export const oddHeaders: fc.Arbitrary<Record<string, string>> = fc
  .subarray(
    [
      ["x-orderflow-token", "eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZSJ9."],
      ["x-orderflow-client-address", "127.0.0.1"],
      ["x-forwarded-for", "127.0.0.1, ' or 1=1"],
      ["x-original-url", "/internal/events.read"],
      ["x-rewrite-url", "/internal/quote"],
      ["x-http-method-override", "DELETE"],
      ["x-correlation-id", "'; drop table orders; --"],
      ["x-request-id", "x".repeat(3_000)],
      ["traceparent", "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff"],
      ["last-event-id", "-1e999"],
      ["idempotency-key", "not-a-uuid"],
      ["content-type", "application/json; charset=utf-7"],
      ["content-type", "multipart/form-data; boundary=x"],
      ["content-type", "text/plain"],
      ["accept", "application/jsonl"],
      ["trpc-accept", "application/jsonl"],
      ["accept-encoding", "gzip, br, zstd"],
      ["accept-language", "../../etc/passwd"],
      ["range", "bytes=0-1"],
      ["if-none-match", "*"],
      ["origin", "null"],
      ["cookie", "better-auth.session_token=a.b; __Secure-better-auth.session_token=%00"],
    ] as [string, string][],
    { maxLength: 3 },
  )
  .map((pairs) => Object.fromEntries(pairs));

/** JSON of the value; now and then with the text itself spoiled. */
export function jsonText(value: fc.Arbitrary<unknown>): fc.Arbitrary<string | undefined> {
  const whole = value.map((it) => JSON.stringify(it));
  const cut = fc.tuple(whole, fc.nat(500)).map(([text, at]) => text?.slice(0, at % (text.length + 1)));
  const stuffed = fc
    .tuple(whole, fc.nat(500), fc.constantFrom("1e999", "\ufeff", "{", "]", '"', "\\", "\\ud800", "//", "\n", "-"))
    .map(([text = "", at, by]) => text.slice(0, at % (text.length + 1)) + by + text.slice(at % (text.length + 1)));
  return fc.oneof({ weight: 12, arbitrary: whole }, { weight: 1, arbitrary: cut }, { weight: 1, arbitrary: stuffed });
}

/** As part of a path or query. What has no UTF-8 has no escape either. */
export function escaped(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return encodeURIComponent(text.toWellFormed()).slice(0, 20_000);
}
