/** What a test lets the gateway say: an answer, or nothing at all. */
type Answer = { status?: number; headers?: Record<string, string>; body: unknown };
export type Asked = { method: string; path: string; headers: Headers; body: string };
type Script = (asked: Asked, count: number) => Answer | Response | Promise<Answer | Response>;

export type FakeGateway = Disposable & { url: string; asked: Asked[]; stop(): void };

/** A server that answers by a script, for what a real one does too rarely. `count` is of all requests, from 1. */
export function openFakeGateway(script: Script, port = 0): FakeGateway {
  const asked: Asked[] = [];
  const server = Bun.serve({
    port,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const one = {
        method: request.method,
        path: pathname + search,
        headers: request.headers,
        body: await request.text(),
      };
      asked.push(one);
      const answer = await script(one, asked.length);
      if (answer instanceof Response) return answer;
      const { status = 200, headers = {}, body } = answer;
      return Response.json(body, { status, headers });
    },
  });
  const stop = () => void server.stop(true);
  return { url: `http://127.0.0.1:${server.port}`, asked, stop, [Symbol.dispose]: stop };
}

/** The answer to a batch of one. */
export const data = (value: unknown): Answer => ({ body: [{ result: { data: value } }] });

export function refusal(httpStatus: number, detail: Record<string, unknown> = {}, headers = {}): Answer {
  const error = { message: "No", code: -32_000, data: { code: "X", httpStatus, traceId: "trace-1", ...detail } };
  return { status: httpStatus, headers, body: [{ error }] };
}

/** A JWT that says it is good for so many seconds. Nobody checks its signature here. */
export function aJwt(lifetimeS: number, name: string = crypto.randomUUID()): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const iat = 1_000_000;
  return `${part({ alg: "EdDSA" })}.${part({ iat, exp: iat + lifetimeS, name })}.c2ln`;
}
