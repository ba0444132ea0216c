import { afterAll, beforeAll, expect, test } from "bun:test";
import { internalTokenHeader } from "../auth/internal-token.ts";
import { type GatheredCall, readGatheredAnswer, writeGatheredCalls } from "../trpc/gathered-calls.ts";
import { openSampleService } from "./testing/open-sample-service.ts";

let service: Awaited<ReturnType<typeof openSampleService>>;
beforeAll(async () => {
  service = await openSampleService();
});
afterAll(() => service.close());

const json = { "content-type": "application/json" };
const call = (name: string, headers: Record<string, string> = {}, input?: unknown): GatheredCall => ({
  path: `/trpc/${name}`,
  headers: { ...json, ...headers },
  body: input === undefined ? "" : JSON.stringify(input),
});

async function post(body: string, token?: string): Promise<Response> {
  const headers = { ...json, ...(token && { [internalTokenHeader]: token }) };
  return fetch(`${service.url}/gathered`, { method: "POST", headers, body });
}

async function ask(...calls: GatheredCall[]) {
  const response = await post(writeGatheredCalls(calls), await service.serviceToken("gateway"));
  const text = await response.text();
  const answers = text.trim().split("\n").map(readGatheredAnswer);
  return { response, order: answers.map(([position]) => position), answers: new Map(answers) };
}

const customer = async (id: string) => ({
  [internalTokenHeader]: await service
    .signerOf("gateway")
    .sign({ role: "customer", id, name: id, email: `${id}@example.com` }, "orderflow"),
});

test("each call is answered for its own caller, with its own status", async () => {
  const { answers } = await ask(
    call("mine", await customer("ann")),
    call("mine"),
    call("mine", await customer("bob")),
    call("fault"),
    call("nothing"),
    call("mine", { [internalTokenHeader]: await service.serviceToken("gateway") }),
  );
  const bodyOf = (position: number): unknown => JSON.parse(answers.get(position)?.body ?? "null");
  expect([0, 1, 2, 3, 4, 5].map((position) => answers.get(position)?.status)).toEqual([200, 401, 200, 500, 404, 401]);
  expect(bodyOf(0)).toEqual({ result: { data: "ann" } });
  expect(bodyOf(2)).toEqual({ result: { data: "bob" } });
  expect(JSON.stringify(bodyOf(3))).not.toContain("secret cause");
});

test("each has its own ids, trace, deadline, line in the log and metrics", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const { answers } = await ask(
    call("ids", { "x-request-id": "g-1", "x-correlation-id": "k-1", traceparent }),
    call("ids", { "x-request-id": "g-2", "x-correlation-id": "k-2" }),
    call("leftMs", { "x-orderflow-deadline": "2500" }),
    call("leftMs"),
  );
  const dataOf = (position: number) => JSON.parse(answers.get(position)?.body ?? "null").result.data;
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  expect(dataOf(0)).toEqual({ requestId: "g-1", correlationId: "k-1", traceId, current: ["k-1", traceId] });
  expect(dataOf(1)).toMatchObject({ requestId: "g-2", correlationId: "k-2" });
  expect(dataOf(1).traceId).not.toBe(traceId);
  expect(dataOf(2)).toBeWithin(0, 2_501);
  expect(dataOf(3)).toBeNull();
  const lines = service.lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === "request");
  for (const requestId of ["g-1", "g-2"]) expect(lines.filter((line) => line.requestId === requestId)).toHaveLength(1);
  expect((await service.metrics.exposition()).body).toMatch(
    /rpc_call_duration_seconds_count\{.*procedure="leftMs",code="OK"/,
  );
});

test("what is ready is written before what is not", async () => {
  const { response, order } = await ask(call("slow", {}, 200), call("greet"), call("slow", {}, 100), call("greet"));
  expect(order).toEqual([1, 3, 2, 0]);
  expect(response.headers.has("content-length")).toBe(false);
});

test("what is ready at once is written with its length", async () => {
  const { response, order } = await ask(call("greet"), call("greet"), call("greet"));
  expect(order).toEqual([0, 1, 2]);
  expect(response.headers.has("content-length")).toBe(true);
});

test.each([
  ["nobody", async () => undefined],
  ["a customer", async () => (await customer("ann"))[internalTokenHeader]],
  ["another service", () => service.serviceToken("worker")],
  ["the gateway for another service", () => service.serviceToken("gateway", "elsewhere")],
])("of %s nothing is taken", async (_, token) => {
  const { status } = await post(writeGatheredCalls([call("greet")]), await token());
  expect(status).toBe(401);
});

test.each([
  ["not JSON", "{"],
  ["no list", "{}"],
  ["empty", "[]"],
  ["a call without a body", JSON.stringify([{ path: "/trpc/greet", headers: {} }])],
  ["a header that is no text", JSON.stringify([{ path: "/trpc/greet", headers: { a: 1 }, body: "" }])],
  ["a call of another door", writeGatheredCalls([{ path: "/internal/caller", headers: json, body: "" }])],
  ["201 calls", writeGatheredCalls(Array(201).fill(call("greet")))],
])("a list that is %s is refused whole", async (_, body) => {
  expect((await post(body, await service.serviceToken("gateway"))).status).toBe(400);
});

test("200 calls are taken, more bytes than the bound are not", async () => {
  expect((await ask(...Array<GatheredCall>(200).fill(call("greet")))).order).toHaveLength(200);
  const large = writeGatheredCalls([call("greet", {}, "x".repeat(8_388_608))]);
  expect((await post(large, await service.serviceToken("gateway"))).status).toBe(413);
});
