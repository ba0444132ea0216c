import { afterAll, beforeAll, expect, test } from "bun:test";
import { internalTokenHeader } from "../auth/internal-token.ts";
import { openSampleService } from "./testing/open-sample-service.ts";

let service: Awaited<ReturnType<typeof openSampleService>>;
beforeAll(async () => {
  service = await openSampleService();
});
afterAll(() => service.close());

type Answer = { result?: { data: unknown }; error?: { message: string; data: { reason?: string; traceId: string } } };

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(service.url + path, { headers });
  return { status: response.status, headers: response.headers, answer: (await response.json()) as Answer };
}

const ann = { role: "customer", id: "u-1", name: "Ann", email: "ann@example.com" } as const;
const tokenOf = (token: string) => ({ [internalTokenHeader]: token });

test("without a token the caller is nobody", async () => {
  expect((await get("/trpc/greet")).answer.result?.data).toBe("hello nobody");
  expect(await get("/trpc/mine")).toMatchObject({
    status: 401,
    answer: { error: { data: { reason: "unauthenticated" } } },
  });
});

test("the gateway's word is taken at /trpc", async () => {
  const token = await service.signerOf("gateway").sign(ann, "orderflow");
  expect((await get("/trpc/mine", tokenOf(token))).answer.result?.data).toBe("u-1");
});

test.each([
  ["of a service", () => service.serviceToken("worker")],
  ["a service made for a customer", () => service.signerOf("worker").sign(ann, "orderflow")],
  ["for another audience", () => service.signerOf("gateway").sign(ann, "elsewhere")],
  ["of garbage", async () => "garbage"],
])("a token %s is refused at /trpc, also where none is needed", async (_, make) => {
  expect((await get("/trpc/greet", tokenOf(await make()))).status).toBe(401);
});

test("/internal is for services alone", async () => {
  const customer = await service.signerOf("gateway").sign(ann, "orderflow");
  expect((await get("/internal/caller")).status).toBe(401);
  expect((await get("/internal/caller", tokenOf(customer))).status).toBe(401);
  expect((await get("/internal/caller", tokenOf(await service.serviceToken("worker", "order")))).status).toBe(401);
  expect((await get("/internal/caller", tokenOf(await service.serviceToken("worker")))).answer.result?.data).toBe(
    "worker",
  );
});

test("the two routers stay apart", async () => {
  expect((await get("/trpc/caller", tokenOf(await service.serviceToken("worker")))).status).toBe(404);
  expect((await get("/internal/greet", tokenOf(await service.serviceToken("worker")))).status).toBe(404);
});

test("ids given with a request are kept, and come back", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const { headers, answer } = await get("/trpc/ids", { "x-request-id": "r-1", "x-correlation-id": "c-1", traceparent });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const ids = { requestId: "r-1", correlationId: "c-1", traceId, current: ["c-1", traceId] };
  expect(answer.result?.data).toEqual(ids);
  expect(headers.get("x-request-id")).toBe("r-1");
});

test.each(["", "x".repeat(65), "a b", '{"a":1}', "ä"])("an id such as %j is replaced", async (id) => {
  const { answer } = await get("/trpc/ids", { "x-request-id": id, "x-correlation-id": id, traceparent: id });
  const ids = answer.result?.data as Record<string, string>;
  expect(ids.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(ids.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  expect(ids.traceId).toMatch(/^[0-9a-f]{32}$/);
});

test("a fault is logged whole, and answered with its trace id alone", async () => {
  const { status, answer } = await get("/trpc/fault");
  const line = service.lines.find((one) => one.includes("secret cause")) ?? "{}";
  expect(status).toBe(500);
  expect(answer.error?.message).toBe("Internal server error");
  expect(JSON.stringify(answer)).not.toContain("secret");
  expect(JSON.parse(line)).toMatchObject({ level: "error", procedure: "fault", traceId: answer.error?.data.traceId });
});

test("answers carry the security headers and name no server", async () => {
  for (const path of ["/trpc/greet", "/trpc/nowhere", "/healthz", "/metrics", "/nowhere"]) {
    const { headers } = await fetch(service.url + path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("server") ?? headers.get("x-powered-by")).toBeNull();
  }
});

test("metrics count procedures by name, and never a name from outside", async () => {
  await get("/trpc/greet");
  await get("/trpc/fault");
  for (let n = 0; n < 20; n++) await get(`/trpc/made-up-${n}`);
  await fetch(`${service.url}/trpc/greet`, { method: "BREW" }).catch(() => {});
  const text = await (await fetch(`${service.url}/metrics`)).text();
  expect(text).toMatch(/rpc_call_duration_seconds_count\{.*procedure="greet",code="OK"/);
  expect(text).toMatch(/rpc_call_duration_seconds_count\{.*procedure="fault",code="INTERNAL_SERVER_ERROR"/);
  expect(text).toMatch(/http_request_duration_seconds_count\{.*route="\/trpc",status="404"/);
  expect(text).not.toContain("made-up");
});

test("work that nobody waits for any more is refused, and what takes part knows how long it has", async () => {
  expect((await get("/trpc/greet", { "x-orderflow-deadline": "0" })).status).toBe(504);
  expect((await get("/trpc/greet", { "x-orderflow-deadline": "1000" })).status).toBe(200);
  expect((await get("/trpc/greet", { "x-orderflow-deadline": "soon" })).status).toBe(200);
  expect((await get("/trpc/leftMs")).answer.result?.data).toBeNull();
  const stream = { "x-orderflow-deadline": "1000", accept: "text/event-stream" };
  expect((await get("/trpc/leftMs", stream)).answer.result?.data).toBeNull();
  expect((await get("/trpc/leftMs", { "x-orderflow-deadline": "1000" })).answer.result?.data).toBeWithin(1, 1_001);
});
