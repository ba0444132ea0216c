import { afterAll, beforeAll, expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { receiveSpans, type SpanReceiver } from "@orderflow/tools/otlp/receive-spans";
import { printTree, spanEdges, spanTree } from "@orderflow/tools/otlp/span-tree";
import { anAddress } from "@orderflow/tools/testing/an-address";
import { eventually } from "@orderflow/tools/testing/eventually";
import { exposedNames, queries } from "../infra/observability/queried-metrics.ts";
import { signIn } from "./support/shop.ts";
import { type System, startSystem } from "./support/start-system.ts";

const traceId = newId().replaceAll("-", "");
const clientSpanId = "00f067aa0ba902b7";
const correlationId = `checkout-${traceId.slice(-8)}`;
const services = ["gateway", "order", "inventory", "notify", "worker"];

let receiver: SpanReceiver;
let system: System;
let orderId: string;

/** A client that traces itself places one order, which runs to its end. */
beforeAll(async () => {
  receiver = receiveSpans();
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    // Nothing that begins here is recorded, but what a client's own trace asks for, and what fails.
    TRACE_SAMPLE_RATIO: "0",
    LOG_LEVEL: "debug",
  };
  system = await startSystem(...Object.entries(settings).flatMap(([name, value]) => ["--env", `${name}=${value}`]));
  const { shop, headers } = await signIn(system, "customer");
  const { items } = await shop.inventory.search.query({ limit: 1 });
  const lines = [{ sku: items[0]?.sku ?? "", quantity: 1 }];
  const placed = await fetch(`${system.gateway}/trpc/order.place`, {
    method: "POST",
    headers: {
      ...headers,
      "content-type": "application/json",
      traceparent: `00-${traceId}-${clientSpanId}-01`,
      "x-correlation-id": correlationId,
    },
    body: JSON.stringify({ idempotencyKey: newId(), lines, shippingAddress: anAddress }),
  });
  orderId = ((await placed.json()) as { result: { data: { id: string } } }).result.data.id;
  await eventually(async () => (await shop.order.byId.query({ orderId })).status === "delivered", {
    timeoutMs: 60_000,
    intervalMs: 200,
  });
}, 150_000);

afterAll(async () => {
  await system?.stop();
  await receiver?.stop();
}, 60_000);

const expectedEdges = [
  "gateway POST /trpc/order.place > gateway POST order/trpc/place",
  "gateway POST order/trpc/place > order POST /trpc/place",
  "order POST /trpc/place > order order.place batch",
  "order order.place batch > order POST inventory/internal/quote",
  "order POST inventory/internal/quote > inventory POST /internal/quote",
  "order order.place batch > order transaction",
  "order POST /trpc/place > order send order",
  "order POST /trpc/place > inventory process order.created",
  "order POST /trpc/place > notify process order.created",
  "notify process order.created > notify job send-mail",
  "notify job send-mail > notify smtp send",
  "inventory process order.created > inventory send inventory",
  "inventory process order.created > order process stock.reserved",
  "order process stock.reserved > order send order.commands.worker",
  "order process stock.reserved > worker process fulfil-order",
  "order process stock.reserved > notify process order.confirmed",
  "worker process fulfil-order > worker job book-shipment",
  "worker job book-shipment > worker carrier book",
  "worker job book-shipment > worker job dispatch-shipment",
  "worker job dispatch-shipment > worker POST order/internal/fulfilment.authorizeDispatch",
  "worker POST order/internal/fulfilment.authorizeDispatch > order POST /internal/fulfilment.authorizeDispatch",
  "worker job dispatch-shipment > worker carrier dispatch",
  "worker job dispatch-shipment > worker send worker",
  "worker job dispatch-shipment > inventory process shipment.dispatched",
  "worker job dispatch-shipment > order process shipment.dispatched",
  "order process shipment.dispatched > notify process order.shipped",
];

test("one trace leads from the client's call to the last mail, by way of every service", async () => {
  const ofTrace = () => receiver.spans().filter((span) => span.traceId === traceId);
  await eventually(
    () => {
      const edges = spanEdges(receiver.spans(), traceId);
      expect(expectedEdges.filter((edge) => !edges.has(edge))).toEqual([]);
      const roots = spanTree(ofTrace(), traceId);
      const tree = printTree(roots);
      expect({ roots: roots.map(({ span }) => span.parentSpanId), tree }).toEqual({ roots: [clientSpanId], tree });
    },
    { timeoutMs: 30_000, intervalMs: 500 },
  );
  expect([...new Set(ofTrace().map(({ service }) => service))].sort()).toEqual([...services].sort());
  expect(ofTrace().filter(({ isError }) => isError)).toEqual([]);
}, 40_000);

test("spans are named and described by the semantic conventions", () => {
  const spans = receiver.spans().filter((span) => span.traceId === traceId);
  const named = (name: string) => spans.find((span) => span.name === name);
  expect(named("POST /trpc/order.place")).toMatchObject({
    kind: "server",
    attributes: { "http.request.method": "POST", "http.route": "/trpc", "http.response.status_code": 200 },
  });
  expect(named("POST inventory/internal/quote")?.kind).toBe("client");
  expect(named("send order")).toMatchObject({
    kind: "producer",
    attributes: { "messaging.system": "mqtt", "messaging.destination.name": "orderflow/v1/evt/order" },
  });
  expect(named("process order.created")).toMatchObject({
    kind: "consumer",
    attributes: { "messaging.operation.type": "process", "orderflow.key": orderId },
  });
  expect(named("smtp send")?.attributes).toMatchObject({ "network.protocol.name": "smtp" });
});

test("a batch is one piece of work, with its transaction, and its events refer to it", () => {
  const spans = receiver.spans();
  const batch = spans.find((span) => span.service === "inventory" && span.name === "process order");
  const event = spans.find((span) => span.service === "inventory" && span.name === "process order.created");
  expect(event?.links).toContainEqual({ traceId, spanId: batch?.spanId ?? "" });
  expect(spans.filter(({ parentSpanId }) => parentSpanId === batch?.spanId).map(({ name }) => name)).toContain(
    "transaction",
  );
});

test("the logs of every service have lines of this trace, with the client's correlation id", async () => {
  const lines = (await system.log()).split("\n").filter((line) => line.includes(`traceId=${traceId}`));
  expect([...new Set(lines.map((line) => line.split("-", 1)[0] ?? ""))].sort()).toEqual([...services].sort());
  expect(lines.filter((line) => !line.includes(`correlationId=${correlationId}`))).toEqual([]);
  expect(lines.filter((line) => !/ spanId=[0-9a-f]{16}\b/.test(line))).toEqual([]);
});

test("every metric that dashboards and alerts ask for is exposed by a running system", async () => {
  const { services: running } = await system.run();
  const expositions = await Promise.all(running.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
  const exposed = exposedNames(expositions.join("\n")).add("up");
  expect(queries().filter(({ metrics }) => metrics.some((name) => !exposed.has(name)))).toEqual([]);
  expect(expositions.join("\n")).toMatch(/^orders_entered_state_total\{state="delivered",service="order",.*\} 1$/m);
  expect(expositions.join("\n")).toMatch(/^stock_units_total\{movement="sold",service="inventory",.*\} 1$/m);
});

test("what fails is recorded though nobody asked for its trace", async () => {
  await system.kill("inventory");
  const { shop } = await signIn(system, "customer");
  const isKept = () => receiver.spans().some(({ attributes }) => attributes["orderflow.kept_for_failure"] === true);
  await eventually(
    async () => {
      await shop.inventory.search.query({ limit: 1 }).catch(() => undefined);
      return isKept();
    },
    { timeoutMs: 30_000, intervalMs: 100 },
  );
}, 45_000);
