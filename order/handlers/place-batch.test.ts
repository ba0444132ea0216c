import { expect, test } from "bun:test";
import { newId } from "@orderflow/common/ids";
import { startTracing } from "@orderflow/common/observability/start-tracing";
import { placeOrder } from "../domain/place-order.ts";
import { anOrder } from "../testing/an-order.ts";
import { fakeInventory } from "../testing/fake-inventory.ts";
import { createPlaceBatch, type PlaceCall } from "./place-batch.ts";

type Exporter = NonNullable<Parameters<typeof startTracing>[0]["exporter"]>;
type Span = Parameters<Exporter["export"]>[0][number];

test("a batch is one span, which names its size and links to the traces of its callers", async () => {
  const ended: Span[] = [];
  const exporter: Exporter = {
    export(spans, done) {
      ended.push(...spans);
      done({ code: 0 });
    },
    shutdown: async () => undefined,
  };
  const tracing = await startTracing({ service: "order", instance: "test", sampleRatio: 1, exporter });
  const placeBatch = createPlaceBatch({
    inventory: fakeInventory(),
    orders: {
      answerMany: async (requests) => requests.map(() => undefined),
      placeMany: async (placements) =>
        placements.map(({ priced }) => placeOrder(priced, { number: "OF-00000001" }).state),
    },
  });
  const calls = [aCall(), aCall(), aCall()];
  const answers = await placeBatch(calls);
  await tracing.stop();

  expect(answers.map((answer) => (answer instanceof Error ? answer : answer.id))).toEqual(
    calls.map((call) => call.draft.id),
  );
  const [span] = ended.filter(({ name }) => name === "order.place batch");
  expect(span?.attributes["orderflow.batch.size"]).toBe(3);
  expect(span?.links.map((link) => link.context.traceId)).toEqual(calls.map((call) => traceIdIn(call)));
});

function aCall(): PlaceCall {
  const { id, customerId, contact, shippingAddress, placedAt } = anOrder();
  return {
    request: { callerId: customerId, key: newId(), hash: "of the input" },
    draft: { id, customerId, contact, shippingAddress, placedAt, lines: [{ sku: "TEA-1", quantity: 1 }] },
    trace: { traceparent: `00-${newId().replaceAll("-", "")}-b7ad6b7169203331-01` },
  };
}

function traceIdIn({ trace }: PlaceCall): string {
  return trace.traceparent?.split("-")[1] ?? "";
}
